"""Palettes and the one style sheet: light and dark, an 8 px grid, hairlines instead of boxes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

FONT_FAMILIES = ["Inter", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "DejaVu Sans"]
"""First one installed wins: the desktop's own face on Windows and macOS, Noto or DejaVu elsewhere."""


@dataclass(frozen=True)
class Palette:
    """The colours of one theme; every colour a widget paints with comes from here."""

    name: str
    window: str
    surface: str
    raised: str
    line: str
    text: str
    """Also the colour of everything that is DFT."""
    muted: str
    accent: str
    """What can be clicked next."""
    accent_soft: str
    on_accent: str
    soft: str
    """Model too soft, scale below 1."""
    stiff: str
    """Model too stiff, scale above 1."""
    good: str
    warn: str
    bad: str
    models: tuple[str, ...]
    """Hues of Okabe and Ito, in fixed order, each so dark or bright that a mark has a contrast of 3 : 1 on every ground."""

    def model_color(self, index: int) -> QColor:
        """Return the colour of the model at that place in the project's list."""
        return QColor(self.models[index % len(self.models)])

    def of_model(self, index: int) -> Palette:
        """Return the palette of a window that is about one model alone: that model's colour comes first."""
        place = index % len(self.models)
        return replace(self, models=(self.models[place], *self.models[:place], *self.models[place + 1 :]))


LIGHT = Palette(
    name="light",
    window="#F5F6F8",
    surface="#FFFFFF",
    raised="#FAFBFC",
    line="#E1E4E8",
    text="#1B1F24",
    muted="#5F6773",
    accent="#3454D1",
    accent_soft="#E8EDFF",
    on_accent="#FFFFFF",
    soft="#2B6CB0",
    stiff="#BF400C",
    good="#147A3A",
    warn="#AB4F09",
    bad="#B91C1C",
    models=("#0072B2", "#B37C00", "#009970", "#BA6E98", "#D55E00", "#4590BA"),
)
DARK = Palette(
    name="dark",
    window="#121316",
    surface="#1A1C20",
    raised="#202329",
    line="#2E323A",
    text="#ECEEF1",
    muted="#9AA3AF",
    accent="#8DA4FF",
    accent_soft="#252C4A",
    on_accent="#10131A",
    soft="#6AB0F3",
    stiff="#F59E6B",
    good="#4ADE80",
    warn="#FBBF24",
    bad="#F87171",
    models=("#4DA6DE", "#F2B93B", "#2CC79B", "#E09BC6", "#F0813A", "#8CCBF2"),
)

_SATURATION = 0.35  # the scale's distance from 1 at which the colour is full


def system_palette(theme: str) -> Palette:
    """Return the palette of a theme's name; ``system`` follows the desktop, and is light where that says nothing."""
    if theme == "system":
        return DARK if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT
    return DARK if theme == "dark" else LIGHT


def scale_color(scale: float, palette: Palette) -> QColor:
    """Return blue below 1, orange above 1, grey at 1."""
    end, middle = QColor(palette.soft if scale < 1 else palette.stiff), QColor(palette.muted)
    t = min(1.0, abs(1 - scale) / _SATURATION)
    red, green, blue = (
        round(m + (e - m) * t) for m, e in ((middle.red(), end.red()), (middle.green(), end.green()), (middle.blue(), end.blue()))
    )
    return QColor(red, green, blue)


def text_font(pixels: int = 13, *, bold: bool = False) -> QFont:
    """Return the window's font with tabular figures, so that columns of numbers line up."""
    font = QFont()
    font.setFamilies(FONT_FAMILIES)
    font.setPixelSize(pixels)
    font.setFeature(QFont.Tag("tnum"), 1)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def apply_theme(app: QApplication, palette: Palette) -> None:
    """Dress the whole program in one palette; a program that wears it already is left alone, for dressing takes a third of a second."""
    sheet = _style_sheet(palette)
    if app.styleSheet() == sheet:
        return
    app.setStyle("Fusion")
    app.setFont(text_font())
    roles = QPalette.ColorRole
    colors = QPalette()
    assigned: tuple[tuple[QPalette.ColorRole, str], ...] = (
        (roles.Window, palette.window),
        (roles.Base, palette.surface),
        (roles.AlternateBase, palette.raised),
        (roles.Text, palette.text),
        (roles.WindowText, palette.text),
        (roles.Button, palette.raised),
        (roles.ButtonText, palette.text),
        (roles.BrightText, palette.text),
        (roles.ToolTipBase, palette.raised),
        (roles.ToolTipText, palette.text),
        (roles.Highlight, palette.accent_soft),
        (roles.HighlightedText, palette.text),
        (roles.PlaceholderText, palette.muted),
        (roles.Mid, palette.line),
        (roles.Link, palette.accent),
    )
    for role, color in assigned:
        colors.setColor(role, QColor(color))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        colors.setColor(QPalette.ColorGroup.Disabled, role, QColor(palette.muted))
    app.setPalette(colors)
    app.setStyleSheet(sheet)


def _tick(palette: Palette) -> str:
    name = "check.svg" if palette.on_accent == LIGHT.on_accent else "check-dark.svg"
    return str(files("resources").joinpath("icons", name)).replace("\\", "/")


def _caret(palette: Palette) -> str:
    name = "caret.svg" if palette.on_accent == LIGHT.on_accent else "caret-dark.svg"
    return str(files("resources").joinpath("icons", name)).replace("\\", "/")


def _style_sheet(p: Palette) -> str:
    return f"""
        QToolTip {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.line}; padding: 6px; }}
        QFrame[role="panel"] {{ background: {p.surface}; border: 1px solid {p.line}; border-radius: 8px; }}
        QFrame[role="bar"] {{ background: {p.surface}; border: none; border-bottom: 1px solid {p.line}; }}
        QLabel[role="section"] {{ color: {p.muted}; font-size: 11px; font-weight: 600; letter-spacing: 0.6px; }}
        QLabel[role="headline"] {{ font-size: 19px; font-weight: 600; }}
        QLabel[role="title"] {{ font-size: 15px; font-weight: 600; }}
        QLabel[role="muted"] {{ color: {p.muted}; }}
        QLabel[role="small"] {{ color: {p.muted}; font-size: 12px; }}
        QPushButton, QToolButton {{ background: {p.raised}; border: 1px solid {p.line}; border-radius: 6px; padding: 6px 12px; }}
        QPushButton:hover, QToolButton:hover {{ border-color: {p.accent}; }}
        QPushButton:focus, QToolButton:focus {{ border-color: {p.accent}; }}
        QPushButton:disabled {{ color: {p.muted}; background: {p.window}; }}
        QPushButton[role="primary"] {{ background: {p.accent}; color: {p.on_accent}; border: none; font-weight: 600; padding: 7px 14px; }}
        QPushButton[role="primary"]:disabled {{ background: {p.line}; color: {p.muted}; }}
        QPushButton[role="chip"], QToolButton[role="chip"] {{ border-radius: 11px; padding: 3px 10px; font-size: 12px; min-height: 16px; }}
        QPushButton[role="chip"]:checked {{ background: {p.accent_soft}; border-color: {p.accent}; }}
        QPushButton[role="tab"] {{
            border: none; border-radius: 6px; background: transparent; color: {p.muted}; padding: 6px 10px; font-weight: 600; }}
        QPushButton[role="tab"]:checked {{ background: {p.accent_soft}; color: {p.text}; }}
        QPushButton[role="tab"]:focus {{ border: 1px solid {p.accent}; }}
        QPushButton[role="link"] {{ border: none; background: transparent; color: {p.accent}; padding: 2px 4px; }}
        QToolButton[popupMode="2"][role="chip"] {{ padding-right: 13px; }}
        QToolButton[popupMode="0"][toolButtonStyle="2"][role="chip"] {{ padding-right: 2px; }}
        QToolButton::menu-indicator {{ subcontrol-origin: padding; subcontrol-position: center right; right: 3px; width: 9px; }}
        QFileDialog QToolButton {{ padding: 2px; }}
        QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
        QTabBar {{ qproperty-drawBase: 0; }}
        QTabBar::tab {{
            background: transparent; border: none; border-radius: 6px; color: {p.muted}; padding: 5px 12px; margin: 2px 2px 4px 8px; }}
        QTabBar::tab:selected {{ background: {p.accent_soft}; color: {p.text}; }}
        QTabBar::tab:hover {{ color: {p.text}; }}
        QLineEdit, QDoubleSpinBox, QSpinBox, QComboBox {{
            background: {p.surface}; border: 1px solid {p.line}; border-radius: 6px; padding: 5px 8px; }}
        QLineEdit:focus, QDoubleSpinBox:focus, QSpinBox:focus, QComboBox:focus {{ border: 1px solid {p.accent}; }}
        QComboBox::drop-down {{ border: none; width: 20px; }}
        QComboBox::down-arrow {{ image: url("{_caret(p)}"); width: 10px; height: 10px; }}
        QWidget QAbstractItemView {{ background: transparent; }}
        QComboBox QAbstractItemView {{ background: {p.surface}; border: 1px solid {p.line}; selection-background-color: {p.accent_soft}; }}
        QAbstractItemView {{ border: none; background: {p.surface}; outline: none; }}
        QTreeView::item, QTableView::item, QListView::item {{ height: 26px; }}
        QTreeView::item:selected, QTableView::item:selected, QListView::item:selected {{ background: {p.accent_soft}; color: {p.text}; }}
        QHeaderView {{ background: transparent; }}
        QHeaderView::section {{ background: transparent; border: none; color: {p.muted}; font-size: 11px; padding: 4px; }}
        QTableCornerButton::section {{ background: transparent; border: none; }}
        QProgressBar {{ border: none; background: {p.line}; border-radius: 3px; max-height: 6px; min-height: 6px; }}
        QProgressBar::chunk {{ background: {p.accent}; border-radius: 3px; }}
        QSlider::groove:horizontal {{ height: 4px; background: {p.line}; border-radius: 2px; }}
        QSlider::sub-page:horizontal {{ background: {p.accent}; border-radius: 2px; }}
        QSlider::handle:horizontal {{ width: 16px; height: 16px; margin: -8px 0; border-radius: 9px;
            background: {p.surface}; border: 2px solid {p.accent}; }}
        QMenu {{ background: {p.surface}; border: 1px solid {p.line}; padding: 4px; }}
        QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
        QMenu::item:selected {{ background: {p.accent_soft}; color: {p.text}; }}
        QMenu::item:disabled {{ color: {p.muted}; }}
        QMenu::separator {{ height: 1px; background: {p.line}; margin: 4px 8px; }}
        QMenuBar {{ background: {p.surface}; border-bottom: 1px solid {p.line}; }}
        QMenuBar::item {{ padding: 5px 10px; background: transparent; border-radius: 4px; }}
        QMenuBar::item:selected {{ background: {p.accent_soft}; }}
        QStatusBar {{ background: {p.surface}; border-top: 1px solid {p.line}; color: {p.muted}; }}
        QStatusBar::item {{ border: none; }}
        QDockWidget {{ titlebar-close-icon: none; color: {p.muted}; font-size: 11px; font-weight: 600; }}
        QDockWidget::title {{ background: transparent; padding: 6px 8px; text-align: left; }}
        QMainWindow::separator {{ background: transparent; width: 8px; height: 8px; }}
        QMainWindow::separator:hover {{ background: {p.accent_soft}; }}
        QSplitter::handle {{ background: transparent; }}
        QScrollArea {{ border: none; background: transparent; }}
        QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
        QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
        QScrollBar::handle {{ background: {p.line}; border-radius: 5px; min-height: 24px; min-width: 24px; }}
        QScrollBar::handle:hover {{ background: {p.muted}; }}
        QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
            background: none; border: none; width: 0; height: 0; }}
        QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ width: 0; border: none; }}
        QCheckBox, QRadioButton {{ spacing: 8px; }}
        QCheckBox::indicator, QAbstractItemView::indicator {{
            border: 1px solid {p.muted}; border-radius: 3px; background: {p.surface}; width: 14px; height: 14px; }}
        QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{
            border-color: {p.accent}; background: {p.accent}; image: url("{_tick(p)}"); }}
        QRadioButton::indicator {{
            border: 1px solid {p.muted}; border-radius: 8px; background: {p.surface}; width: 14px; height: 14px; }}
        QRadioButton::indicator:checked {{ border: 5px solid {p.accent}; background: {p.on_accent}; width: 6px; height: 6px; }}
        QRadioButton::indicator:disabled {{ border-color: {p.line}; background: {p.window}; }}
        QCheckBox::indicator:disabled, QAbstractItemView::indicator:disabled {{ border-color: {p.line}; background: {p.window}; }}
    """
