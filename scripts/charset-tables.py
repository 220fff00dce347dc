#!/usr/bin/env python3
"""Writes src/charset/tables/*.bin from what a live PostgreSQL says.

Usage: scripts/charset-tables.py [psql arguments ...]

Every two-byte code (A1A1-FEFE) and every three-byte code (8FA1A1-8FFEFE) is converted by the
server itself, once as EUC_JP and once as EUC_JIS_2004. A code that it refuses becomes zero.

  eucjp.bin    2 planes x 94 x 94 code points, 16 bits little-endian
  jis2004.bin  2 planes x 94 x 94 code points, 24 bits little-endian; FFFF00 + n is the n-th of
               the sequences of two code points, which stand at the end: a count (one byte), then
               pairs of 24 bits

The tests of src/charset compare both files with a live server again.
"""

import pathlib
import subprocess
import sys

QUERY = """
SET client_encoding = 'UTF8'; SET client_min_messages = 'warning';
CREATE FUNCTION pg_temp.as_text(code bytea, enc name) RETURNS text LANGUAGE plpgsql AS $$
BEGIN RETURN convert_from(code, enc);
EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
SELECT encode(code, 'hex'), enc, encode(convert_to(pg_temp.as_text(code, enc), 'UTF8'), 'hex')
FROM (SELECT decode(prefix || to_hex(a) || to_hex(b), 'hex') AS code
      FROM unnest(ARRAY['', '8f']) AS prefix,
           generate_series(161, 254) AS a, generate_series(161, 254) AS b) AS codes,
     unnest(ARRAY['EUC_JP', 'EUC_JIS_2004']::name[]) AS enc
ORDER BY enc, length(code), code;
"""


def main() -> None:
    rows = subprocess.run(
        ["psql", "-XqAt", "-F", "|", "-v", "ON_ERROR_STOP=1", *sys.argv[1:]],
        input=QUERY, capture_output=True, text=True, check=True,
    ).stdout.splitlines()
    euc, jis, pairs = bytearray(), bytearray(), []
    for row in rows:
        _, encoding, text = row.split("|")
        points = [ord(c) for c in bytes.fromhex(text).decode()] or [0]
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
    folder = pathlib.Path(__file__).resolve().parent.parent / "src/charset/tables"
    folder.joinpath("eucjp.bin").write_bytes(euc)
    folder.joinpath("jis2004.bin").write_bytes(jis)
    print(len(euc), len(jis), len(pairs))


if __name__ == "__main__":
    main()
