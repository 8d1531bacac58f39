"""Tables of the programme, engine and sessions, migrations, history."""
