"""Pages 4 to 6 at work: fit, verdict, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from guiapp.correction.corrected import Method
from guiapp.correction.scalar_fit import ScalarMethod
from guiapp.correction.training_record import Recipe

if TYPE_CHECKING:
    from guiapp.ui.wizard.export_process import ExportResult
    from guiapp.ui.wizard.training_process import TrainingEstimate
    from guiapp.ui.wizard.window import CorrectionWizard


class Fitting(QObject):
    """Connects fit, verdict and export with the desk that does them."""

    def __init__(self, wizard: CorrectionWizard) -> None:
        """Connect the pages."""
        super().__init__(wizard)
        self._wizard, self._flow = wizard, wizard.flow
        self._fits = wizard.fits
        self._estimated = ""
        self._connect()

    def _connect(self) -> None:
        page, fits, wizard = self._wizard.fit, self._fits, self._wizard
        page.method_changed.connect(self._use_method)
        page.scalar_method_changed.connect(self._use_scalar_method)
        page.recipe_changed.connect(self._use_recipe)
        page.training.start_requested.connect(self._train)
        page.training.cancel_requested.connect(fits.stop_training)
        fits.fit_changed.connect(self._show_fit)
        fits.verdict_changed.connect(self._show_verdict_now)
        fits.estimated.connect(self._show_estimate)
        fits.trained_on.connect(self._show_training)
        fits.training_ended.connect(self._show_training_end)
        fits.families_noted.connect(wizard.verdict.show_families)
        wizard.verdict.families_requested.connect(fits.try_families)
        wizard.verdict.families_cancelled.connect(fits.stop_families)
        exports = wizard.exports
        exports.noted.connect(wizard.export.show_running)
        exports.written.connect(self._show_exported)
        exports.stopped.connect(wizard.export.show_stopped)
        for desk in (fits, exports):
            desk.refused.connect(wizard.refused)
            desk.crashed.connect(wizard.crashed)
        wizard.export.export_requested.connect(self._ask_folder)
        wizard.export.cancel_requested.connect(exports.give_up)
        wizard.export.benchmark_requested.connect(self._benchmark)

    def reach_fit(self) -> None:
        """Bring labels into the project, and show what they can carry."""
        flow, fits = self._flow, self._fits
        flow.bring_labels_into_project()
        fits.ask_about_general_set()
        page = self._wizard.fit
        page.show_method(fits.method, len(flow.fitted()), trainable=fits.trainable)
        page.show_scalar_method(fits.scalar_method)
        page.show_recipe(flow.choices.recipe)
        fits.refit()
        self._prepare_training()

    def _prepare_training(self) -> None:
        """Say what a training costs; take up one that an earlier session finished."""
        fits, page = self._fits, self._wizard.fit
        if fits.method is Method.SCALE or fits.is_training:
            return
        if fits.was_finished and fits.record is None:
            fits.start_training()  # its checkpoint holds it; this only reads it
        elif fits.record is None:
            done = self._flow.choices.passes
            begun = "Begun before" + (f": {done} passes are done." if done else "; it goes on where it was.")
            words = begun if fits.can_go_on else "Measuring what a training costs …"
            page.training.show_ready(words, can_go_on=fits.can_go_on)
            key = fits.training_key()
            if not fits.can_go_on and self._estimated != key:
                self._estimated = key
                fits.estimate()

    @Slot(object)
    def _use_method(self, method: Method) -> None:
        self._flow.choose(method=method.value)
        self._wizard.fit.training.clear()
        self._fits.refit()
        self._prepare_training()

    @Slot(object)
    def _use_scalar_method(self, method: ScalarMethod) -> None:
        self._flow.choose(slope_matching=method is ScalarMethod.SLOPE_MATCHING)
        self._fits.refit()

    @Slot(object)
    def _use_recipe(self, recipe: Recipe) -> None:
        self._flow.choose(recipe=recipe)
        self._fits.refit()
        if not self._fits.is_training:
            self._wizard.fit.training.show_recipe(recipe.epochs, can_go_on=self._fits.can_go_on)

    @Slot(object)
    def _show_estimate(self, estimate: TrainingEstimate) -> None:
        self._wizard.fit.training.show_estimate(estimate, self._flow.choices.recipe.epochs)

    @Slot()
    def _train(self) -> None:
        if not self._fits.can_go_on:
            self._wizard.fit.training.clear()
        self._fits.start_training()

    @Slot()
    def _show_fit(self) -> None:
        self._wizard.fit.show_fit(self._fits.fit, self._fits.problem)
        self._wizard.fit.show_fitted(self._fits.is_fitted)

    @Slot(object)
    def _show_training(self, progress: object) -> None:
        self._wizard.fit.training.show_progress(progress)  # type: ignore[arg-type]
        self._wizard.fit.show_fitted(self._fits.is_fitted)

    @Slot(bool, str)
    def _show_training_end(self, finished: bool, words: str) -> None:  # noqa: FBT001 - the signature of the desk's signal
        panel = self._wizard.fit.training
        if finished and self._fits.record is not None:
            panel.show_record(self._fits.record)
        panel.show_ended(words, can_go_on=not finished)
        self._wizard.fit.show_fitted(self._fits.is_fitted)

    def show_verdict(self) -> None:
        """Judge, and show what came of it."""
        self._fits.judge()
        self._show_verdict_now()

    @Slot()
    def _show_verdict_now(self) -> None:
        fits = self._fits
        note = "" if fits.general_is_known else "The model is still being asked about the general set, on which forgetting shows."
        self._wizard.verdict.show_verdict(fits.verdict, note if fits.method is Method.SCALE else "")
        self._wizard.export.show_verdict(fits.verdict)

    def show_export(self) -> None:
        """Show what would be written."""
        self._wizard.export.show_method(self._fits.method)
        self._wizard.export.show_verdict(self._fits.verdict)
        if (folder := self._flow.choices.exported) and Path(folder).is_dir():
            self._wizard.export.show_earlier(folder)

    @Slot(bool)
    def _ask_folder(self, override: bool) -> None:  # noqa: FBT001 - the signature of the page's signal
        project = self._flow.session.project
        beside = str(project.path.parent) if project is not None else ""
        name = QFileDialog.getExistingDirectory(self._wizard, "Folder in which the corrected model gets a folder of its own", beside)
        if name:
            compounds = "-".join(dict.fromkeys(frame.formula for frame in self._flow.fitted()))
            model = Path(self._flow.model).name.removesuffix(".pth.tar")
            self.start_export(Path(name) / f"{model}-{compounds}-{self._fits.method.value}", override=override)

    def start_export(self, folder: Path, *, override: bool) -> None:
        """Write the corrected model into a new folder."""
        self._wizard.exports.write(folder, override=override)

    @Slot(object)
    def _show_exported(self, result: ExportResult) -> None:
        self._flow.choose(exported=str(Path(result.model).parent))
        self._wizard.export.show_result(result)

    @Slot(str)
    def _benchmark(self, path: str) -> None:
        self._flow.session.run([path], self._flow.ground.known.frames)
