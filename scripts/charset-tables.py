#!/usr/bin/env python3
"""Writes src/charset/tables/*.bin from what a live PostgreSQL says.

Usage: scripts/charset-tables.py [psql arguments ...]

Every two-byte code (A1A1-FEFE) and every three-byte code (8FA1A1-8FFEFE) is converted by the
server itself, once as EUC_JP and once as EUC_JIS_2004; every two-byte code of Shift_JIS
(81-9F and E0-FC, then 40-7E and 80-FC) as SJIS. A code that the server refuses becomes zero.

  eucjp.bin    2 planes x 94 x 94 code points, 16 bits little-endian
  jis2004.bin  2 planes x 94 x 94 code points, 24 bits little-endian; FFFF00 + n is the n-th of
               the sequences of two code points, which stand at the end: a count (one byte), then
               pairs of 24 bits
  sjis.bin     60 x 188 code points, 16 bits little-endian

The tests of src/charset compare the files with a live server again.
"""

import pathlib
import subprocess
import sys

AS_TEXT = """
SET client_encoding = 'UTF8'; SET client_min_messages = 'warning';
CREATE FUNCTION pg_temp.as_text(code bytea, enc name) RETURNS text LANGUAGE plpgsql AS $$
BEGIN RETURN convert_from(code, enc);
EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
"""
EUC = """
SELECT enc, encode(convert_to(pg_temp.as_text(code, enc), 'UTF8'), 'hex')
FROM (SELECT decode(prefix || to_hex(a) || to_hex(b), 'hex') AS code
      FROM unnest(ARRAY['', '8f']) AS prefix,
           generate_series(161, 254) AS a, generate_series(161, 254) AS b) AS codes,
     unnest(ARRAY['EUC_JP', 'EUC_JIS_2004']::name[]) AS enc
ORDER BY enc, length(code), code;
"""
SJIS = """
SELECT 'SJIS', encode(convert_to(pg_temp.as_text(code, 'SJIS'), 'UTF8'), 'hex')
FROM (SELECT decode(to_hex(a) || to_hex(b), 'hex') AS code
      FROM generate_series(129, 252) AS a, generate_series(64, 252) AS b
      WHERE a NOT BETWEEN 160 AND 223 AND b <> 127) AS codes
ORDER BY code;
"""


def ask(query: str) -> list[tuple[str, list[int]]]:
    rows = subprocess.run(
        ["psql", "-XqAt", "-F", "|", "-v", "ON_ERROR_STOP=1", *sys.argv[1:]],
        input=AS_TEXT + query, capture_output=True, text=True, check=True,
    ).stdout.splitlines()
    parted = (row.split("|") for row in rows)
    return [(name, [ord(c) for c in bytes.fromhex(text).decode()] or [0]) for name, text in parted]


def main() -> None:
    euc, jis, sjis, pairs = bytearray(), bytearray(), bytearray(), []
    for encoding, points in ask(EUC):
        if encoding == "EUC_JP":
            assert len(points) == 1
            euc += points[0].to_bytes(2, "little")
        elif len(points) == 2:
            jis += (0xFFFF00 + len(pairs)).to_bytes(3, "little")
            pairs.append(points)
        else:
            jis += points[0].to_bytes(3, "little")
    jis.append(len(pairs))
    for pair in pairs:
        for point in pair:
            jis += point.to_bytes(3, "little")
    for _, points in ask(SJIS):
        assert len(points) == 1
        sjis += points[0].to_bytes(2, "little")
    folder = pathlib.Path(__file__).resolve().parent.parent / "src/charset/tables"
    for name, table in (("eucjp", euc), ("jis2004", jis), ("sjis", sjis)):
        folder.joinpath(f"{name}.bin").write_bytes(table)
        print(name, len(table))


if __name__ == "__main__":
    main()
