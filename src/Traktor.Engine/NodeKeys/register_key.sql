-- Registers a subscriber's key with the connected peer.
select trktr.register_key(@NodeId, @Incarnation, @SystemIdentifier, @DatabaseOid::oid, @PublicKey, @MadeAt)
