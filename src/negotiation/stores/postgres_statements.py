"""What a store says to PostgreSQL: its tables, and what it asks of them.

A negotiation is found by the SHA-256 of its id as lines have it, and a record by that of its id,
since no index takes a text of any length. Ids of records hold no control characters and lines are
JSON on one line, so that in neither is a newline, and many of them can be given as one text.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
"""Which tables a database has, as it notes itself."""

SETTINGS: Final = """
    SET synchronous_commit = on;
    SET lock_timeout = {patience};
    SET idle_in_transaction_session_timeout = '5min';
    SET default_transaction_isolation = 'read committed';
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_bitmapscan = off;
    SET jit = off
    """
"""What is acknowledged is durable, whatever the server says; nobody waits for ever, nor for one who
is gone; each statement sees what is committed; and a statement is planned once, and then goes by
the indexes, from the first line to the last.
"""

# Whoever comes second waits here, and finds everything there.
_ALONE: Final = "SELECT pg_advisory_xact_lock(7954597613640344424)"

TABLES: Final = f"""
    {_ALONE};

    CREATE TABLE IF NOT EXISTS negotiation_store (
        version integer NOT NULL,
        last bigint NOT NULL,  -- the number of the last record
        single boolean PRIMARY KEY DEFAULT true CHECK (single)  -- there is one row
    ) WITH (fillfactor = 10);
    INSERT INTO negotiation_store (version, last) VALUES ({VERSION}, 0) ON CONFLICT DO NOTHING;

    CREATE TABLE IF NOT EXISTS negotiation_logs (
        key bigint PRIMARY KEY,  -- the number of its first record
        source text NOT NULL,  -- the id of the negotiation, as lines have it
        position bigint NOT NULL,  -- of its last record
        hash text NOT NULL,  -- of its last record
        first_recorded text NOT NULL,
        last_recorded text NOT NULL
    ) WITH (fillfactor = 80);
    CREATE UNIQUE INDEX IF NOT EXISTS negotiation_logs_source
        ON negotiation_logs (sha256(source::bytea));

    CREATE TABLE IF NOT EXISTS negotiation_records (
        number bigint PRIMARY KEY,  -- in the order of all records
        negotiation bigint NOT NULL,  -- the key of its log
        position bigint NOT NULL,  -- in that log: 1, 2, 3 and so on
        id bytea NOT NULL,  -- in UTF-8
        line text NOT NULL  -- the sealed line
    );
    CREATE UNIQUE INDEX IF NOT EXISTS negotiation_records_position
        ON negotiation_records (negotiation, position);
    CREATE UNIQUE INDEX IF NOT EXISTS negotiation_records_id
        ON negotiation_records (negotiation, sha256(id));

    CREATE TABLE IF NOT EXISTS negotiation_snapshots (
        negotiation bigint PRIMARY KEY,
        text text NOT NULL
    )
    """  # noqa: S608  # of constants

LOOK: Final = """
    SELECT to_regclass('negotiation_store')::oid, current_setting('server_encoding')
    """
LOOK_AT_VERSION: Final = "SELECT version FROM negotiation_store"

# Writing

_NOTE_FIRST: Final = """
    INSERT INTO negotiation_logs (key, source, position, hash, first_recorded, last_recorded)
    SELECT before + 1, %(source)s, %(count)s, %(hash)s, %(first)s, %(last)s FROM taken
    RETURNING key
    """
_NOTE_NEXT: Final = """
    UPDATE negotiation_logs
    SET position = position + %(count)s, hash = %(hash)s, last_recorded = %(last)s FROM taken
    WHERE sha256(source::bytea) = %(digest)s AND position = %(after)s AND hash = %(before)s
    RETURNING key
    """
_ONE_LINE: Final = "(VALUES (%(ids)s, %(lines)s, 1))"
_LINES: Final = """
    unnest(string_to_array(%(ids)s, E'\\n'), string_to_array(%(lines)s, E'\\n')) WITH ORDINALITY
    """


def _append(note: str, lines: str) -> str:
    """The statement that is an append.

    It takes its numbers first, and so waits for the appends before it. Then it notes where the
    negotiation will stand, if it stands where it is thought to, and puts the lines. Where it
    stands elsewhere, dividing by zero undoes everything.
    """
    return f"""
        WITH taken AS (
            UPDATE negotiation_store SET last = last + %(count)s
            RETURNING last - %(count)s AS before
        ), noted AS (
            {note}
        ), put AS (
            INSERT INTO negotiation_records (number, negotiation, position, id, line)
            SELECT before + place, key, %(after)s + place, convert_to(id, 'UTF8'), line
            FROM taken, noted, {lines} AS each (id, line, place)
        )
        SELECT pg_notify(%(channel)s, ''), 1 / (SELECT count(*) FROM noted) FROM taken
        """  # noqa: S608  # of constants


BEGIN: Final = {False: _append(_NOTE_FIRST, _ONE_LINE), True: _append(_NOTE_FIRST, _LINES)}
"""To append to a negotiation that does not exist, by whether there are several lines."""

GO_ON: Final = {False: _append(_NOTE_NEXT, _ONE_LINE), True: _append(_NOTE_NEXT, _LINES)}
"""To append to one that does."""

LOCK: Final = "SELECT last FROM negotiation_store FOR UPDATE"

# Reading

_THAT: Final = "sha256(source::bytea) = %(digest)s"
_KEY: Final = f"(SELECT key FROM negotiation_logs WHERE {_THAT})"  # noqa: S608  # of constants

END: Final = "SELECT last FROM negotiation_store"

NOTED: Final = f"SELECT position, hash, last_recorded FROM negotiation_logs WHERE {_THAT}"  # noqa: S608  # of constants

FOUND: Final = f"""
    SELECT position, records.id, line
    FROM unnest(string_to_array(%(ids)s, E'\\n')) AS asked (id) JOIN negotiation_records AS records
    ON negotiation = {_KEY} AND sha256(records.id) = sha256(convert_to(asked.id, 'UTF8'))
    """  # noqa: S608  # of constants

_PAGE: Final = f"""
    SELECT position, id, line FROM negotiation_records
    WHERE negotiation = {_KEY} AND position > %(after)s AND position <= %(upto)s
    ORDER BY position {{}} LIMIT %(most)s
    """  # noqa: S608  # of constants
PAGE: Final = {False: _PAGE.format("ASC"), True: _PAGE.format("DESC")}
"""A page of a negotiation, by whether it is read backwards."""

PAGE_OF_ALL: Final = """
    SELECT number, position, line FROM negotiation_records
    WHERE number > %(after)s AND number <= %(upto)s ORDER BY number LIMIT %(most)s
    """

LIST: Final = """
    SELECT source, position, first_recorded, last_recorded, (SELECT last FROM negotiation_store)
    FROM negotiation_logs
    """

SNAPSHOT: Final = f"SELECT text FROM negotiation_snapshots WHERE negotiation = {_KEY}"  # noqa: S608  # of constants
KEEP_SNAPSHOT: Final = f"""
    INSERT INTO negotiation_snapshots (negotiation, text) VALUES ({_KEY}, %(text)s)
    ON CONFLICT (negotiation) DO UPDATE SET text = excluded.text
    RETURNING negotiation
    """  # noqa: S608  # of constants

# Verifying

FILED: Final = f"""
    SELECT key, position, first_recorded, (SELECT last FROM negotiation_store),
        (SELECT max(number) FROM negotiation_records),
        (SELECT min(position) FROM negotiation_records WHERE negotiation = key),
        (SELECT max(position) FROM negotiation_records WHERE negotiation = key),
        (SELECT number FROM negotiation_records WHERE negotiation = key AND position = 1)
    FROM negotiation_logs WHERE {_THAT}
    """  # noqa: S608  # of constants

NUMBERS: Final = f"""
    SELECT number FROM negotiation_records
    WHERE negotiation = {_KEY} AND position BETWEEN %(low)s AND %(high)s ORDER BY position
    """  # noqa: S608  # of constants

# The first line of each negotiation that has any, found by steps down the index.
BEGINNINGS: Final = """
    WITH RECURSIVE keys (key) AS (
        SELECT min(negotiation) FROM negotiation_records
        UNION ALL
        SELECT (SELECT min(negotiation) FROM negotiation_records WHERE negotiation > key)
        FROM keys WHERE key IS NOT NULL
    )
    SELECT number, line FROM keys CROSS JOIN LATERAL (
        SELECT number, line FROM negotiation_records
        WHERE negotiation = key ORDER BY position LIMIT 1
    ) AS begins WHERE strpos(line, %(sought)s) > 0
    """
