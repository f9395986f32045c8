"""SQL: the only room that knows SQLAlchemy. Tables, migrations, repositories."""
