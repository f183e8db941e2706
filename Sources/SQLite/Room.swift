// Room: SQLite
