-- What this node offers. Partitioned tables are offered as a whole, so that peers may partition them differently.
create publication trktr_pub for table trktr.node with (publish_via_partition_root = true);
