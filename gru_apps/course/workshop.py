"""Handouts of the notebooks: blanks for students, solutions and minutes for teachers.

A code cell with an exercise says so in its metadata, which JupyterLab does not show:
`{"gru_apps": {"solution": "...", "minutes": 5, "question": "..."}}`. The solution is
the whole source of the solved cell. A Markdown cell may have `minutes` alone: that many
are planned for the cells up to the next that has some.
"""

import copy

KEY = "gru_apps"


def student_notebook(notebook):
    """Returns a copy of a notebook without outputs, solutions, and plans."""
    student = copy.deepcopy(notebook)
    for cell in student.cells:
        cell.metadata.pop(KEY, None)
    return _without_outputs(student)


def teacher_notebook(notebook):
    """Returns a copy with the solutions filled in, and minutes and likely questions.

    They stand in a cell of their own, above the one that they are about.
    """
    teacher, cells = copy.deepcopy(notebook), []
    for cell in teacher.cells:
        plan = cell.metadata.pop(KEY, {})
        notes = []
        if "minutes" in plan:
            notes.append(f"**For the teacher:** {plan['minutes']} minutes.")
        if "question" in plan:
            notes.append(f"**A likely question:** {plan['question']}")
        if notes:
            cells.append(_markdown(f"{cell.id}-plan", "\n\n".join(notes)))
        if "solution" in plan:
            cell.source = plan["solution"]
        cells.append(cell)
    teacher.cells = cells
    return _without_outputs(teacher)


def solved_notebook(notebook):
    """Returns a copy whose exercises are solved, and that is else the same."""
    solved = copy.deepcopy(notebook)
    for cell in solved.cells:
        cell.source = cell.metadata.get(KEY, {}).get("solution", cell.source)
    return solved


def _without_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _markdown(identity, source):
    import nbformat

    return nbformat.v4.new_markdown_cell(source, id=identity)
