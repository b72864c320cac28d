"""The crystal viewer: camera, scene and picking in numpy, one QPainter canvas."""
