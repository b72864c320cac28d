"""Version 1 of the project file: its mark and its tables.

One file holds what a project is made of: configurations (arrays), frames (a configuration under a name), reference sets
(frames in order), jobs, their failures and rows, predictions and settings. Arrays are little-endian float64 (numbers:
int64) in one blob a row, so that a run read back equals the run stored bit by bit, and each blob has a CRC-32: SQLite has
no checksums of its own and would hand out flipped bits as forces. Numbers that may be NaN live in blobs too, because
SQLite turns NaN into NULL. Every table keeps its rowid: ``recovery`` walks a damaged table by it.
"""

from __future__ import annotations

APPLICATION_ID = 0x544D5052  # "TMPR": tells a project from the database of another program
SUFFIX = ".temper"

VERSION_1 = """
CREATE TABLE configurations (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,     -- SHA-256 of everything below: equal only where all numbers are equal
  content_hash TEXT NOT NULL,      -- of species, positions and cell to 1e-6 angstrom
  label_hash TEXT NOT NULL,
  n_atoms INTEGER NOT NULL,
  pbc INTEGER NOT NULL,            -- bits 0 to 2: periodic along a, b, c
  labels INTEGER NOT NULL,         -- bits 0 to 3: has energy, forces, stress, magmoms
  arrays BLOB NOT NULL,
  checksum INTEGER NOT NULL
);
CREATE TABLE frames (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,     -- SHA-256 of configuration and description
  configuration_id INTEGER NOT NULL REFERENCES configurations(id),
  description TEXT NOT NULL        -- JSON: name, compound, origin, info, flags
);
CREATE INDEX frames_by_configuration ON frames(configuration_id);
CREATE TABLE reference_sets (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  family TEXT NOT NULL,
  provenance TEXT NOT NULL,        -- JSON
  position INTEGER NOT NULL        -- order in the browser
);
CREATE TABLE set_frames (
  id INTEGER PRIMARY KEY,
  set_id INTEGER NOT NULL REFERENCES reference_sets(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  frame_id INTEGER NOT NULL REFERENCES frames(id),
  compound TEXT,                   -- what the user regrouped it to; NULL: as it was read
  UNIQUE (set_id, position)
);
CREATE INDEX set_frames_by_frame ON set_frames(frame_id);
CREATE TABLE jobs (
  id TEXT PRIMARY KEY NOT NULL,
  family TEXT NOT NULL,
  model TEXT NOT NULL,
  mode TEXT NOT NULL,
  device TEXT NOT NULL,
  settings TEXT NOT NULL,          -- JSON
  state TEXT NOT NULL,
  created REAL NOT NULL,           -- seconds since 1970, as all times here
  started REAL,
  finished REAL,
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL,
  kept INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT '',
  owner_host TEXT NOT NULL DEFAULT '',
  owner_pid INTEGER NOT NULL DEFAULT 0,
  owner_instance TEXT NOT NULL DEFAULT '',
  heartbeat REAL NOT NULL DEFAULT 0
);
CREATE TABLE job_frames (
  id INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  frame_id INTEGER NOT NULL REFERENCES frames(id),
  UNIQUE (job_id, position)
);
CREATE INDEX job_frames_by_frame ON job_frames(frame_id);
CREATE TABLE failures (
  id INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  frame_hash TEXT NOT NULL,
  frame_name TEXT NOT NULL,
  compound TEXT NOT NULL,
  reason TEXT NOT NULL,
  advice TEXT NOT NULL,
  UNIQUE (job_id, frame_hash, frame_name, compound)
);
CREATE TABLE evaluations (
  id INTEGER PRIMARY KEY,
  weights_hash TEXT NOT NULL,
  settings_hash TEXT NOT NULL,
  UNIQUE (weights_hash, settings_hash)
);
CREATE TABLE predictions (
  id INTEGER PRIMARY KEY,
  evaluation_id INTEGER NOT NULL REFERENCES evaluations(id) ON DELETE CASCADE,
  frame_hash TEXT NOT NULL,
  n_atoms INTEGER NOT NULL,
  magmoms INTEGER NOT NULL,        -- 1 where the blob ends with magnetic moments
  arrays BLOB NOT NULL,
  checksum INTEGER NOT NULL,
  UNIQUE (evaluation_id, frame_hash)
);
CREATE TABLE benchmark_rows (
  id INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  reducer TEXT NOT NULL,           -- code version of what made the row from predictions
  family TEXT NOT NULL,
  system TEXT NOT NULL,
  model TEXT NOT NULL,
  mode TEXT NOT NULL,
  quantity TEXT NOT NULL,
  predicted REAL,
  reference REAL,
  unit TEXT NOT NULL,
  count INTEGER NOT NULL,
  low REAL,
  high REAL,
  verdict TEXT NOT NULL
);
CREATE INDEX benchmark_rows_by_job ON benchmark_rows(job_id, family, model);
CREATE TABLE settings (
  key TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL              -- JSON
);
"""

TABLES = (
    "configurations",
    "frames",
    "reference_sets",
    "set_frames",
    "jobs",
    "job_frames",
    "failures",
    "evaluations",
    "predictions",
    "benchmark_rows",
    "settings",
)
"""Every table of the current version, parents before the tables that refer to them."""
