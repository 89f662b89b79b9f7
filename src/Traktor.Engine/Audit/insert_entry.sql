-- Adds an entry to this node's chain.
insert into trktr.audit (
    node_id, incarnation, seq, at, request_seq, actor_kind, actor, role, address, channel, via_node, action, target,
    outcome, detail, state_before, state_after, previous_hash, hash
)
values (
    @NodeId, @Incarnation, @Seq, @At, @RequestSeq, @ActorKind, @Actor, @Role, @Address, @Channel, @ViaNode, @Action,
    @Target, @Outcome, @Detail, @StateBefore, @StateAfter, @PreviousHash, @Hash)
