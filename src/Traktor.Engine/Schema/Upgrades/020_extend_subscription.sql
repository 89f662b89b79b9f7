-- A subscription that is disabled by us: since when, whether it is being healed, waits for decisions by hand, or for a table to be mended, and in words why.
-- Written in the transaction that disables it, cleared in the one that enables it: a killed arbiter finds what it has to go on with, and nobody takes it for an operator's will.
alter table trktr.subscription
    add column healing_since timestamptz,
    add column healing_state text check (healing_state in ('healing', 'awaiting', 'stuck')),
    add column healing_note  text,
    add constraint subscription_healing_check check ((healing_since is null) = (healing_state is null));
