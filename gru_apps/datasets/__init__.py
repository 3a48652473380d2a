r"""One TensorFlow Datasets builder per corpus; importing this module registers them.

Beside them, `packages` fetches and reads the archives that they are made of, and
`prepared` tells whether what was made of them is still whole.

>>> print(*sorted(BUILDERS), sep="\n")
bach_chorales
cedict
metro_traffic
movie_snippets
spoken_digits
state_of_the_union
tatoeba_zh_en

Those of `FULL_SIZE` are fetched from elsewhere than the package index, when asked for.

>>> print(*FULL_SIZE)
ett
"""

from gru_apps.datasets.bach_chorales import BachChorales
from gru_apps.datasets.cedict import Cedict
from gru_apps.datasets.ett import Ett
from gru_apps.datasets.metro_traffic import MetroTraffic
from gru_apps.datasets.movie_snippets import MovieSnippets
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

FULL_SIZE = {Ett.name: Ett}
