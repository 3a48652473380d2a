r"""One TensorFlow Datasets builder per corpus; importing this module registers them.

Beside them, `packages` fetches and reads the archives that they are made of, and
`addresses` files from elsewhere; `prepared` tells whether what was made of them is
still whole.

>>> print(*sorted(BUILDERS), sep="\n")
bach_chorales
cedict
metro_traffic
movie_snippets
spoken_digits
state_of_the_union
tatoeba_zh_en

Those of `FULL_SIZE`, which papers report on, are fetched when they are asked for, most
of them from elsewhere than the package index.

>>> print(*FULL_SIZE, sep="\n")
ett
japanese_vowels
jsb_chorales
multi30k
nottingham
spoken_arabic_digits
"""

from gru_apps.datasets.bach_chorales import BachChorales
from gru_apps.datasets.cedict import Cedict
from gru_apps.datasets.ett import Ett
from gru_apps.datasets.japanese_vowels import JapaneseVowels
from gru_apps.datasets.metro_traffic import MetroTraffic
from gru_apps.datasets.movie_snippets import MovieSnippets
from gru_apps.datasets.multi30k import Multi30k
from gru_apps.datasets.piano_rolls import JsbChorales, Nottingham
from gru_apps.datasets.spoken_arabic_digits import SpokenArabicDigits
from gru_apps.datasets.spoken_digits import SpokenDigits
from gru_apps.datasets.state_of_the_union import StateOfTheUnion
from gru_apps.datasets.tatoeba_zh_en import TatoebaZhEn

BUILDERS = {
    builder.name: builder
    for builder in (
        BachChorales,
        Cedict,
        MetroTraffic,
        MovieSnippets,
        SpokenDigits,
        StateOfTheUnion,
        TatoebaZhEn,
    )
}

FULL_SIZE = {
    builder.name: builder
    for builder in (
        Ett,
        JapaneseVowels,
        JsbChorales,
        Multi30k,
        Nottingham,
        SpokenArabicDigits,
    )
}
