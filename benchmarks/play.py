"""How soon the page answers in Chromium: in ms, the first, and later ones by tab.

    python benchmarks/play.py [--picture notebooks/play.png]

The first answer, that of the first tab, is counted from when the page is up, with what
Chromium takes to draw it, and shall come within 5 seconds. Music and the reader's own
model are not measured. Later ones shall take 300 ms for text and 1 s for
speech, on two CPU cores. Needs Chromium, and the corpus `spoken_digits` for a sound.
With `--picture`, keeps a picture of the page, the one of the README.
"""

import argparse
import pathlib
import statistics
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "cli" / "play"))
REPEATS = 9
WORDS = ("good", "bad", "dull", "warm", "odd", "sharp", "brave", "slow", "vivid")
SENTENCES = ("我喜欢看书。", "你好吗?", "他昨天去了北京。") * 3
HOURS = ("half of the traffic", "an ordinary week", "a storm on the last evening") * 3
PRESETS = ("hold", "forget", "count") * 3


def type_sentence(page, turn):
    """Types a sentence, and waits until its last word stands in the picture."""
    page.get_by_label("One sentence").fill(f"The film is {WORDS[turn]}")
    page.locator("svg:visible", has_text=WORDS[turn]).first.wait_for()


def type_beginning(page, turn):
    """Types the beginning of a speech, and waits for its bits."""
    state = page.evaluate(_PICTURES)
    page.get_by_label("Beginning").fill(f"The state is {WORDS[turn]}")
    page.wait_for_function(f"before => ({_PICTURES}) !== before", arg=state)


def click(names):
    """Returns what clicks one example after another, and waits for another picture."""

    def act(page, turn):
        state = page.evaluate(_PICTURES)
        page.get_by_role("button", name=names[turn], exact=True).click()
        page.wait_for_function(f"before => ({_PICTURES}) !== before", arg=state)

    return act


# the pictures that are seen, as one text
_PICTURES = (
    "[...document.querySelectorAll('.picture, .tokens')].filter(p => p.offsetParent)"
    ".map(p => p.innerHTML).join()"
)


def hear(path):
    """Returns what hands a recording over, and waits for what was heard."""

    def act(page, turn):
        if page.get_by_label("Clear").locator("visible=true").count():
            page.get_by_label("Clear").locator("visible=true").first.click()
        state = page.evaluate(_PICTURES)
        page.get_by_label("Upload file").locator("visible=true").first.click()
        page.locator('input[type="file"]').first.wait_for(state="attached")
        begun = time.monotonic()
        page.locator('input[type="file"]').first.set_input_files(path[turn % 2])
        page.wait_for_function(f"before => ({_PICTURES}) !== before", arg=state)
        return time.monotonic() - begun

    return act


def main():
    """Prints a row for each tab."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", type=pathlib.Path)
    picture = parser.parse_args().picture
    import chromium

    from gru_apps.cli.play import digits, sounds

    with (
        tempfile.TemporaryDirectory() as folder,
        chromium.served() as (address, start),
        sync_playwright() as playwright,
    ):
        up = time.monotonic()
        browser = playwright.chromium.launch(
            executable_path=chromium.find_chromium(playwright), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.goto(address)
        page.get_by_role("tab", name="Sentiment").click()
        drawn = time.monotonic()
        type_sentence(page, 0)
        print(f"the page is up after {start:.1f} s: Keras, Gradio and all models")
        print(f"Chromium has drawn it {drawn - up:.1f} s later")
        print(f"the first answer comes {time.monotonic() - up:.1f} s after it is up")
        paths = []
        for name, said in (("a", (3, 1, 4)), ("b", (9, 5))):
            paths.append(f"{folder}/{name}.wav")
            sounds.write(paths[-1], digits.example_sound(said))
        acts = {
            "One unit": click(PRESETS),
            "Sentiment": type_sentence,
            "Translation": click(SENTENCES),
            "Digits": hear(paths),
            "Language": type_beginning,
            "Traffic": click(HOURS),
        }
        print(f"{'tab':<12}  median ms  slowest ms")
        for tab, act in acts.items():
            print(f"{tab:<12}  {measured(page, tab, act)}")
        if picture:
            keep_picture(page, picture)
        browser.close()


def keep_picture(page, path):
    """Keeps a picture of three digits that are heard."""
    page.set_viewport_size({"width": 1100, "height": 800})
    page.reload()
    page.get_by_role("tab", name="Digits").first.click()
    page.get_by_role("button", name="three, one, four").click()
    page.locator(".heard audio").wait_for()
    page.evaluate("document.querySelector('.heard audio').currentTime = 1.2")
    page.wait_for_timeout(2000)
    page.screenshot(path=path, full_page=True)


def measured(page, tab, act):
    """Returns the median and the slowest of some answers, the first left out."""
    page.get_by_role("tab", name=tab).first.click()
    page.wait_for_timeout(2000)
    seconds = []
    for turn in range(REPEATS):
        begun = time.monotonic()
        own = act(page, turn)
        seconds.append(own if isinstance(own, float) else time.monotonic() - begun)
        page.wait_for_timeout(400)
    later = [1000 * s for s in seconds[1:]]
    return f"{statistics.median(later):>9.0f}  {max(later):>10.0f}"


if __name__ == "__main__":
    main()
