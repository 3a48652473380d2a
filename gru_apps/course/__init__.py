"""What the notebooks of the course share, and is no lesson in itself.

- `lesson`: sizes, training, and SavedModels with their manifests; `weights`: trained
  ones that ship;
- `exercises`: whether an answer of a reader is right, and what is wrong with it;
- `sound`: players that are small enough for a notebook; `playing`: sliders;
- `workshop`: handouts for students and teachers, and `slides`: one deck, made of the
  notebooks.
"""

from gru_apps.course.exercises import check, hint
from gru_apps.course.lesson import Lesson
from gru_apps.course.playing import play
from gru_apps.course.sound import listen

__all__ = ["Lesson", "check", "hint", "listen", "play"]
