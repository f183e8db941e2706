// Room: Files
