"""Making many files so that nothing is lost, on one machine or many, and joining and cutting PDFs."""

from __future__ import annotations

from .executors import SerialExecutor, start_method
from .jobs import ChunkMaker, Failure, Finish, Job, Made, Maker
from .outcome import Production, ProductionStopped
from .producing import processors, produce
from .progress import Progress, shown_progress

__all__ = [
    "ChunkMaker",
    "Failure",
    "Finish",
    "Job",
    "Made",
    "Maker",
    "Production",
    "ProductionStopped",
    "Progress",
    "SerialExecutor",
    "processors",
    "produce",
    "shown_progress",
    "start_method",
]
