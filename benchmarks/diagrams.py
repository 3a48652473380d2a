"""Draws the diagrams of the notebooks, as SVG.

python benchmarks/diagrams.py notebooks/figures
"""

import pathlib
import sys

from drawing import GREY, KEEP, WRITE, Drawing


def gru_1_state():
    drawing = Drawing(
        520, 230, "A state and a candidate",
        "The input of this step and the state before it go into a tanh layer. "
        "Its output, the candidate, becomes the new state.",
    )  # fmt: skip
    drawing.box(60, 60, "h before", kind="state", width=92)
    drawing.box(250, 190, "x", kind="data", width=60)
    drawing.box(250, 105, "candidate", note="tanh, −1 to 1", height=46)
    drawing.box(460, 60, "h after", kind="state", width=92)
    drawing.arrow((250, 171), (250, 128))
    drawing.arrow((60, 79), (60, 105), (198, 105))
    drawing.arrow((302, 105), (460, 105), (460, 79))
    drawing.label(380, 122, "replaces the whole state", size=12, colour=WRITE)
    return drawing


def _update(drawing, x=0):
    """Draws the switch between keeping and writing."""
    drawing.box(60, 60, "h before", kind="state", width=92)
    drawing.box(640, 60, "h after", kind="state", width=92)
    drawing.node(420, 60, "×")
    drawing.node(420, 190, "×")
    drawing.node(530, 60, "+")
    drawing.box(300, 125, "update gate z", kind="gate", note="0 to 1", height=46,
                width=120)  # fmt: skip
    drawing.arrow((106, 60), (407, 60), colour=KEEP, width=2.4)
    drawing.arrow((433, 60), (517, 60), colour=KEEP, width=2.4)
    drawing.arrow((543, 60), (594, 60))
    drawing.arrow((360, 115), (420, 115), (420, 73))
    drawing.arrow((360, 135), (420, 135), (420, 177))
    drawing.arrow((433, 190), (530, 190), (530, 73), colour=WRITE, width=2.4)
    drawing.label(420, 32, "z: how much to keep", size=12, colour=KEEP)
    drawing.label(437, 215, "1 − z: how much to write", size=12, anchor="start",
                  colour=WRITE)  # fmt: skip


def gru_2_update():
    drawing = Drawing(
        720, 330, "The update gate keeps or writes",
        "The update gate z multiplies the old state, 1 minus z multiplies the "
        "candidate, and their sum is the new state.",
    )  # fmt: skip
    _update(drawing)
    drawing.box(220, 190, "candidate", note="tanh", height=46)
    drawing.box(220, 295, "x", kind="data", width=60)
    drawing.arrow((272, 190), (407, 190), colour=WRITE, width=2.4)
    drawing.arrow((220, 276), (220, 213))
    drawing.arrow((235, 276), (300, 235), (300, 148), dashed=True)
    drawing.arrow((60, 79), (60, 190), (168, 190))
    drawing.arrow((60, 125), (240, 125), dashed=True)
    return drawing


def gru_3_reset():
    drawing = Drawing(
        720, 360, "The reset gate hides the state from the candidate",
        "As before, and the reset gate r multiplies the old state on its way "
        "into the candidate.",
    )  # fmt: skip
    _update(drawing)
    drawing.box(240, 190, "candidate", note="tanh", height=46)
    drawing.box(240, 325, "x", kind="data", width=60)
    drawing.box(110, 260, "reset gate r", kind="gate", note="0 to 1", height=46)
    drawing.node(110, 190, "×")
    drawing.arrow((292, 190), (407, 190), colour=WRITE, width=2.4)
    drawing.arrow((240, 306), (240, 213))
    drawing.arrow((210, 325), (110, 325), (110, 283), dashed=True)
    drawing.arrow((262, 306), (310, 240), (310, 148), dashed=True)
    drawing.arrow((60, 79), (60, 190), (97, 190))
    drawing.arrow((110, 237), (110, 203))
    drawing.arrow((123, 190), (188, 190))
    drawing.arrow((60, 125), (240, 125), dashed=True)
    drawing.arrow((40, 79), (40, 260), (58, 260), dashed=True)
    return drawing


def unrolled():
    drawing = Drawing(
        720, 210, "One cell, step after step",
        "The same cell reads x1, x2, x3 and so on; an arrow hands the state from "
        "each step to the next.",
    )  # fmt: skip
    for number in range(4):
        x, name = 150 + 150 * number, "123T"[number]
        drawing.box(x, 95, "GRU", width=84, note="same weights", height=48)
        drawing.box(x, 180, f"x{name}", kind="data", width=52, height=32)
        drawing.arrow((x, 164), (x, 119))
        drawing.arrow((x, 71), (x, 32))
        drawing.label(x, 20, f"h{name}", size=14)
        drawing.arrow((x - 108, 95), (x - 42, 95), dashed=number == 3, colour=KEEP,
                      width=2.2)  # fmt: skip
    drawing.label(58, 78, "h0 = 0", size=12, anchor="middle")
    return drawing


def bidirectional():
    drawing = Drawing(
        720, 270, "Two GRUs, one in each direction",
        "One GRU reads from left to right, another from right to left; at each "
        "step their states stand side by side.",
    )  # fmt: skip
    for number, token in enumerate(["not", "a", "good", "film"]):
        x = 140 + 150 * number
        drawing.box(x, 240, token, kind="data", width=76, height=32)
        drawing.box(x - 24, 170, "→", width=42, height=34)
        drawing.box(x + 24, 110, "←", width=42, height=34)
        drawing.arrow((x - 24, 224), (x - 24, 187))
        drawing.arrow((x + 24, 224), (x + 24, 127))
        drawing.arrow((x - 24, 153), (x - 24, 50))
        drawing.arrow((x + 24, 93), (x + 24, 50))
        drawing.box(x, 34, "2 × units", kind="state", width=96, height=30)
        if number:
            drawing.arrow((x - 153, 170), (x - 45, 170), colour=KEEP)
            drawing.arrow((x + 3, 110), (x - 105, 110), colour=WRITE)
    drawing.label(30, 170, "forward", size=12, colour=KEEP)
    drawing.label(690, 110, "backward", size=12, colour=WRITE)
    return drawing


def chain(title, description, stages, width=None):
    """Draws layers from left to right, with the shape of what each hands on."""
    step = 158
    drawing = Drawing(width or step * len(stages) + 10, 120, title, description)
    for number, (text, kind, shape) in enumerate(stages):
        x = 65 + step * number
        drawing.box(x, 50, text, kind=kind, width=112, height=48)
        if number:
            drawing.arrow((x - step + 56, 50), (x - 56, 50))
        if shape:
            drawing.label(x, 92, shape, size=11, colour=GREY)
    return drawing


def sentiment():
    return chain(
        "From a sentence to a label",
        "Tokens, embedding, bidirectional GRU, maximum and mean over the steps, "
        "dense layer, logits, with the shape after each.",
        [
            ("token ids", "data", "(batch, length)"),
            ("Embedding", "layer", "(batch, length, 32)"),
            ("GRU,\nboth ways", "state", "(batch, length, 2 × units)"),
            ("maximum\nand mean", "layer", "(batch, 4 × units)"),
            ("Dense", "layer", "(batch, 3)"),
        ],
    )


def speech():
    return chain(
        "From frames to a digit",
        "MFCC frames, normalization, two GRUs in a row, the last state, dense "
        "layer, logits of ten digits.",
        [
            ("MFCC", "data", "(batch, frames, 13)"),
            ("normalize", "layer", "(batch, frames, 13)"),
            ("GRU", "state", "(batch, frames, units)"),
            ("GRU,\nlast state", "state", "(batch, units)"),
            ("Dense", "layer", "(batch, 10)"),
        ],
    )


def language():
    return chain(
        "From tokens to the next token",
        "Tokens and the pairs and triples that end there are embedded, side by side; "
        "then a GRU, two dense layers, and the transposed embedding give logits.",
        [
            ("token ids", "data", "(batch, length)"),
            ("embeddings of\n1, 2, 3 tokens", "layer", "(batch, length, 256)"),
            ("GRU", "state", "(batch, length, 256)"),
            ("Dense,\ntwice", "layer", "(batch, length, 160)"),
            ("same\nembedding", "layer", "(batch, length, 2048)"),
        ],
    )


def recognition():
    return chain(
        "From frames to a label or a blank for each",
        "MFCC frames, normalization, bidirectional GRUs, dense layer: eleven "
        "logits for each frame, which CTC reads as digits.",
        [
            ("MFCC", "data", "(batch, frames, 13)"),
            ("normalize", "layer", "(batch, frames, 13)"),
            ("GRUs,\nboth ways", "state", "(batch, frames, 2 × units)"),
            ("Dense", "layer", "(batch, frames, 1 + 10)"),
            ("CTC", "layer", "digits"),
        ],
    )


def encoder_decoder():
    drawing = Drawing(
        760, 330, "Encoder, attention, decoder",
        "The encoder turns each source token into a memory vector. At each step "
        "the decoder's state asks the memory, attention answers with a weighted "
        "mean, and a dense layer names the next token.",
    )  # fmt: skip
    for number, sign in enumerate(["tā", "qù", "Běi", "jīng"]):
        x = 80 + 84 * number
        drawing.box(x, 300, sign, kind="data", width=48, height=32)
        drawing.box(x, 235, "GRU", width=60, height=34)
        drawing.box(x, 170, "m" + "1234"[number], kind="state", width=52, height=30)
        drawing.arrow((x, 284), (x, 252))
        drawing.arrow((x, 218), (x, 185))
        drawing.arrow((x, 155), (210, 88), colour=GREY)
        if number:
            drawing.arrow((x - 54, 235), (x - 30, 235), head=False)
    drawing.box(210, 70, "attention", kind="gate", width=150, note="weighted mean")
    for number, word in enumerate(["<start>", "He", "went"]):
        x = 470 + 110 * number
        drawing.box(x, 300, word, kind="data", width=76, height=32)
        drawing.box(x, 235, "GRU", width=70, height=34)
        drawing.box(x, 140, "Dense", width=78, height=34)
        drawing.box(x, 40, ["He", "went", "to"][number], kind="data", width=76,
                    height=32)  # fmt: skip
        drawing.arrow((x, 284), (x, 252))
        drawing.arrow((x, 218), (x, 157))
        drawing.arrow((x, 123), (x, 56))
        if number:
            drawing.arrow((x - 75, 235), (x - 35, 235), colour=KEEP)
    drawing.arrow((285, 70), (400, 70), (400, 140), (431, 140), label="context",
                  colour=WRITE)  # fmt: skip
    drawing.arrow((435, 225), (385, 200), (385, 92), (287, 82), colour=KEEP,
                  dashed=True)  # fmt: skip
    drawing.label(378, 125, "question", size=12, anchor="end", colour=KEEP)
    drawing.label(200, 20, "memory: one vector a character", size=12, colour=GREY)
    return drawing


def attention():
    drawing = Drawing(
        700, 210, "Attention in four steps",
        "Scores of the query with each memory vector, a mask for padding, a "
        "softmax, and the mean of the memory with these weights.",
    )  # fmt: skip
    stages = [
        ("scores", "query · memory", "3.0, 1.0, 2.0, 0.5"),
        ("mask", "padding: −∞", "3.0, 1.0, 2.0, −∞"),
        ("softmax", "adds up to 1", "0.67, 0.09, 0.24, 0"),
        ("weighted mean", "of the memory", "one context vector"),
    ]
    for number, (name, note, numbers) in enumerate(stages):
        x = 95 + 170 * number
        drawing.box(x, 60, name, note=note, width=132, height=50, kind="gate")
        drawing.label(x, 125, numbers, size=12)
        if number:
            drawing.arrow((x - 104, 60), (x - 66, 60))
    drawing.label(350, 175, "one line of code each", size=12, colour=GREY)
    return drawing


def beam():
    drawing = Drawing(
        680, 250, "A beam of two",
        "Of all continuations of the kept beginnings, the two likeliest stay at "
        "each step; a beginning that greedy search would drop may win later.",
    )  # fmt: skip
    nodes = {
        "start": (60, 125, "<start>", True),
        "He": (220, 70, "He −0.4", True),
        "It": (220, 180, "It −1.1", True),
        "He went": (400, 40, "He went −1.9", False),
        "He goes": (400, 100, "He goes −1.5", True),
        "It is": (400, 150, "It is −1.3", True),
        "It was": (400, 210, "It was −2.6", False),
        "It is he": (590, 150, "It is he −1.6", True),
    }
    for parent, child in [
        ("start", "He"), ("start", "It"), ("He", "He went"), ("He", "He goes"),
        ("It", "It is"), ("It", "It was"), ("It is", "It is he"),
    ]:  # fmt: skip
        x0, y0, _, _ = nodes[parent]
        x1, y1, _, kept = nodes[child]
        colour = KEEP if kept else GREY
        drawing.arrow((x0 + 58, y0), (x1 - 62, y1), colour=colour, dashed=not kept)
    for x, y, text, kept in nodes.values():
        drawing.box(x, y, text, width=118, height=32, kind="state" if kept else "data")
    drawing.label(590, 185, "log-probability so far", size=11, colour=GREY)
    return drawing


def chorale_step():
    drawing = Drawing(
        740, 320, "One sixteenth of a chorale",
        "The four notes of the last sixteenth, the place and plan, and the voices "
        "that are given go through one GRU step. Four small layers then name soprano, "
        "bass, alto and tenor; each is given the voices named before it.",
    )  # fmt: skip
    drawing.box(75, 260, "four notes\nbefore", kind="data", width=100, height=46)
    drawing.box(190, 260, "place,\nplan", kind="data", width=100, height=46)
    drawing.box(305, 260, "given voices", width=100, note="backwards", height=46)
    drawing.box(160, 170, "GRU", width=110, note="one step", height=46)
    drawing.arrow((75, 237), (140, 193))
    drawing.arrow((190, 237), (165, 193))
    drawing.arrow((305, 237), (195, 193))
    drawing.arrow((30, 170), (105, 170), colour=KEEP, width=2.2)
    drawing.label(28, 152, "state", size=12, anchor="start", colour=KEEP)
    drawing.arrow((215, 170), (690, 170), colour=KEEP, width=2.2, dashed=True)
    drawing.label(716, 170, "next", size=12, colour=KEEP)
    for number, voice in enumerate(["soprano", "bass", "alto", "tenor"]):
        x = 320 + 110 * number
        drawing.box(x, 100, "Dense", width=82, height=34)
        drawing.box(x, 32, voice, kind="data", width=90, height=32)
        drawing.arrow((x, 170), (x, 117))
        drawing.arrow((x, 83), (x, 48))
        if number:
            drawing.arrow((x - 65, 40), (x - 36, 88), colour=WRITE)
    drawing.label(530, 205, "what was just named goes into the next voice", size=12,
                  colour=WRITE)  # fmt: skip
    return drawing


def ctc_lattice():
    drawing = Drawing(
        680, 330, "All ways to say “3 3” in five frames",
        "A lattice of frames and of the labels with blanks between: each path from "
        "the left to the right that steps down by none, one, or two rows reads as "
        "the labels; between two alike labels the blank cannot be skipped.",
    )  # fmt: skip
    rows, frames = ["–", "3", "–", "3", "–"], 5
    for frame in range(frames):
        drawing.label(150 + 110 * frame, 22, f"frame {frame + 1}", size=12, colour=GREY)
    reach = {(0, 0), (1, 0)}
    edges = []
    for frame in range(1, frames):
        for row in range(len(rows)):
            for parent in (row, row - 1, row - 2):
                skips = row - parent == 2
                allowed = not skips or (rows[row] != "–" and rows[row] != rows[parent])
                if (parent, frame - 1) in reach and allowed:
                    edges.append((parent, frame - 1, row, frame))
                    reach.add((row, frame))
    alive = {(3, frames - 1), (4, frames - 1)}
    for parent, before, row, frame in reversed(edges):
        if (row, frame) in alive:
            alive.add((parent, before))
    for parent, before, row, frame in edges:
        if (row, frame) in alive and (parent, before) in alive:
            start = 150 + 110 * before + 14, 60 + 58 * parent
            end = 150 + 110 * frame - 15, 60 + 58 * row
            drawing.arrow(start, end, colour=KEEP if parent == row else WRITE)
    for row, sign in enumerate(rows):
        drawing.label(70, 60 + 58 * row, "blank" if sign == "–" else sign, size=14)
        for frame in range(frames):
            if (row, frame) in alive:
                drawing.node(150 + 110 * frame, 60 + 58 * row, sign)
            else:
                drawing.label(150 + 110 * frame, 60 + 58 * row, "·", colour=GREY)
    return drawing


def traffic():
    drawing = Drawing(
        760, 320, "A week in, a day out",
        "An encoder GRU reads 168 hours. A decoder GRU starts from its state and "
        "reads, for each of the next 24 hours, the calendar and the traffic of one "
        "day and of one week before. A dense layer gives quantiles, added to the "
        "traffic of a week before.",
    )  # fmt: skip
    drawing.box(110, 270, "168 hours", kind="data", note="traffic, weather, calendar",
                width=190, height=48)  # fmt: skip
    drawing.box(110, 160, "encoder GRU", kind="state", width=150, height=46)
    drawing.arrow((110, 246), (110, 183))
    drawing.box(440, 160, "decoder GRU", kind="state", width=170, height=46)
    drawing.arrow((185, 160), (355, 160), label="last state", colour=KEEP, width=2.2)
    drawing.box(350, 270, "24 hours ahead", kind="data", note="calendar", width=150,
                height=48)  # fmt: skip
    drawing.box(560, 270, "look-ups", kind="data", note="24 h and 168 h before",
                width=180, height=48)  # fmt: skip
    drawing.arrow((350, 246), (410, 183))
    drawing.arrow((540, 246), (475, 183))
    drawing.box(440, 65, "Dense", width=100, height=38)
    drawing.arrow((440, 137), (440, 84))
    drawing.node(580, 65, "+")
    drawing.arrow((490, 65), (567, 65))
    drawing.arrow((610, 246), (610, 120), (580, 120), (580, 78), colour=WRITE)
    drawing.box(690, 65, "quantiles", kind="data", note="24 × 5", width=100, height=46)
    drawing.arrow((593, 65), (640, 65))
    return drawing


def saved_model():
    drawing = Drawing(
        740, 200, "What a SavedModel holds",
        "Raw input, what turns it into numbers, the trained network, the search, and "
        "what turns numbers into an answer, all in one graph that TensorFlow alone "
        "can run.",
    )  # fmt: skip
    drawing.shade(130, 30, 610, 150, "saved_models/NAME/1: one graph, TensorFlow alone")
    stages = [
        (62, "raw input", "data", "text, sound, notes"),
        (200, "encode", "layer", "ids, frames"),
        (320, "network", "state", "weights"),
        (440, "decode", "layer", "search"),
        (555, "name", "layer", "words, labels"),
        (678, "answer", "data", "to read"),
    ]
    for number, (x, text, kind, note) in enumerate(stages):
        drawing.box(x, 95, text, kind=kind, note=note,
                    width=118 if kind == "data" else 96, height=48)  # fmt: skip
        if number:
            before = stages[number - 1]
            half = 59 if before[2] == "data" else 48
            drawing.arrow((before[0] + half, 95), (x - (59 if kind == "data" else 48),
                          95))  # fmt: skip
    return drawing


DIAGRAMS = [
    gru_1_state, gru_2_update, gru_3_reset, unrolled, bidirectional, sentiment,
    encoder_decoder, attention, beam, speech, chorale_step, language, ctc_lattice,
    recognition, traffic, saved_model,
]  # fmt: skip


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for draw in DIAGRAMS:
        path = folder / f"{draw.__name__}.svg"
        path.write_text(draw().svg(), encoding="utf-8", newline="\n")
        print(path)


if __name__ == "__main__":
    main()
