// Room: Primary
