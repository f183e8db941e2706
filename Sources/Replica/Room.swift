// Room: Replica
