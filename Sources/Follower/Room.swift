// Room: Follower
