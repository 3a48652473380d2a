"""How fast it is beside what else one could use: one module for each question.

Both sides are asked in turn in one run, and the ratio of each pair is kept: whatever
else the machine does meanwhile falls on both.
"""
