"""Predictions that are kept, batch by batch, so that nothing is computed twice."""

from __future__ import annotations

import json
from collections.abc import Sequence

from guiapp.potentials.potential import Prediction
from guiapp.store.arrays import DamagedBlobError, checksum, is_intact, pack_prediction, unpack_prediction
from guiapp.store.connections import Connections
from guiapp.store.damage import DamageLog

_CHUNK = 1000  # hashes a query: bounds memory and the time that a read holds back a checkpoint


class PredictionStore:
    """The predictions of a project (``engine.job.KeptPredictions``), keyed by weights, settings and frame."""

    def __init__(self, connections: Connections, damage: DamageLog) -> None:
        """Work on an open project."""
        self._connections = connections
        self._damage = damage

    def find(self, weights_hash: str, settings_hash: str, frame_hashes: Sequence[str]) -> dict[str, Prediction]:
        """Return what is already known, by frame hash.

        A row that fails its checksum is left out and reported, so it is computed again and replaced.

        Args:
            weights_hash: Identity of the model.
            settings_hash: Identity of everything else that determines a prediction.
            frame_hashes: Content hashes of the frames asked for; repeated ones count once.
        """
        wanted = list(dict.fromkeys(frame_hashes))
        found: dict[str, Prediction] = {}
        for start in range(0, len(wanted), _CHUNK):
            rows = self._connections.read(
                "SELECT p.frame_hash, p.n_atoms, p.magmoms, p.arrays, p.checksum FROM evaluations e"
                " JOIN predictions p ON p.evaluation_id = e.id"
                " WHERE e.weights_hash = ? AND e.settings_hash = ? AND p.frame_hash IN (SELECT value FROM json_each(?))",
                (weights_hash, settings_hash, json.dumps(wanted[start : start + _CHUNK])),
            )
            for frame_hash, n_atoms, magmoms, blob, check in rows:
                if not is_intact(blob, check, n_atoms, magmoms, weights_hash, settings_hash, frame_hash):
                    self._damage.report(f"the prediction for frame {frame_hash[:12]} fails its checksum and is computed again")
                    continue
                try:
                    found[frame_hash] = unpack_prediction(n_atoms, magmoms, blob)
                except DamagedBlobError as error:
                    self._damage.report(f"the prediction for frame {frame_hash[:12]} has {error} and is computed again")
        return found

    def keep(self, weights_hash: str, settings_hash: str, frame_hashes: Sequence[str], predictions: Sequence[Prediction]) -> None:
        """Store the predictions of one batch in one transaction, on the disk when this returns.

        Raises:
            ProjectError: Where it cannot be stored; then nothing of the batch is.
        """
        rows = []
        for frame_hash, prediction in zip(frame_hashes, predictions, strict=True):
            n_atoms, magmoms, blob = pack_prediction(prediction)
            check = checksum(blob, n_atoms, magmoms, weights_hash, settings_hash, frame_hash)
            rows.append((frame_hash, n_atoms, magmoms, blob, check))
        with self._connections.write() as database:
            database.execute("INSERT OR IGNORE INTO evaluations (weights_hash, settings_hash) VALUES (?, ?)", (weights_hash, settings_hash))
            key = "SELECT id FROM evaluations WHERE weights_hash = ? AND settings_hash = ?"
            (evaluation,) = database.execute(key, (weights_hash, settings_hash)).fetchone()
            database.conn.executemany(
                "INSERT INTO predictions (evaluation_id, frame_hash, n_atoms, magmoms, arrays, checksum) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (evaluation_id, frame_hash) DO UPDATE SET"
                " n_atoms = excluded.n_atoms, magmoms = excluded.magmoms, arrays = excluded.arrays, checksum = excluded.checksum",
                [(evaluation, *row) for row in rows],
            )

    def count(self) -> int:
        """Return how many predictions are kept."""
        return int(self._connections.read("SELECT count(*) FROM predictions")[0][0])

    def forget(self, weights_hash: str, settings_hash: str | None = None) -> int:
        """Delete the predictions of a model, or of one of its settings; return how many there were."""
        with self._connections.write() as database:
            which = "weights_hash = ?" + ("" if settings_hash is None else " AND settings_hash = ?")
            key = (weights_hash,) if settings_hash is None else (weights_hash, settings_hash)
            evaluations = f"SELECT id FROM evaluations WHERE {which}"  # noqa: S608 - made of the two constants above
            deleted = database.execute(f"DELETE FROM predictions WHERE evaluation_id IN ({evaluations})", key).rowcount  # noqa: S608
            database.execute(f"DELETE FROM evaluations WHERE {which}", key)  # noqa: S608
        return int(deleted)
