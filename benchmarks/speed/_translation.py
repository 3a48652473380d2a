"""How soon captions are translated as well as by a published GRU of PyTorch.

The fourth notebook of bentrevett's pytorch-seq2seq translates Multi30k from German into
English, by words that stand twice or more, and reports 28.3 BLEU on the test after ten
epochs. BLEU is counted here on such words, too, of the captions of validation, from
greedy answers of both sides.
"""

import functools

import sacrebleu
import tensorflow as tf

from benchmarks.published import _captions
from benchmarks.published.multi30k_de_en import OURS, PUBLISHED
from benchmarks.speed._tasks import Side, Task, compile_ours
from gru_apps import training
from gru_apps.encoding import learn_tokenizer
from gru_apps.encoding.text import END, START

EPOCHS, LEARNING_RATE = 3, 2e-3
MOST = 20_000  # words: more than there are


@functools.cache
def words(language):
    """Learns the words of a language that stand twice or more."""
    texts = _captions.read("train", language)[0]
    return learn_tokenizer(texts, split="words", vocabulary_size=MOST, min_count=2)


def spaced(texts):
    """Returns texts as words with spaces between, as BLEU counts them."""
    tokens = words(OURS.languages[1]).tokens_of(tf.constant(texts))
    joined = tf.strings.reduce_join(tokens, axis=1, separator=" ")
    return [text.decode() for text in joined.numpy()]


def bleu(translate):
    """Returns the BLEU of validation, 0 to 100."""
    texts, references = _captions.read("validation", *OURS.languages)
    found = spaced(_captions.answers(translate, texts))
    references = [spaced(references)]
    return sacrebleu.corpus_bleu(found, references, tokenize="none").score


def ours(seed):
    """Returns our translator, that of `multi30k_de_en`."""
    translator = OURS.build()
    model = translator.model
    data = OURS.batches("train", seed=seed)
    loss = training.SequenceCrossEntropy(label_smoothing=0.1)
    compile_ours(model, data, loss, EPOCHS, LEARNING_RATE, optimizer="muon")
    translate = OURS.translating(translator, width=1)
    return Side(model, data, functools.partial(bleu, translate), _captions.BATCH)


def theirs(seed):
    """Returns the published GRU."""
    from benchmarks.speed import _torch, _torch_translator

    _torch.torch.manual_seed(seed)
    source, target = (words(language) for language in OURS.languages)
    sizes = [len(tokenizer.vocabulary) for tokenizer in (source, target)]
    network = _torch_translator.AttentionTranslator(*sizes)
    data = _captions.batches("train", OURS.languages, [source, target], seed=seed)

    def translate(texts):
        ids = _torch.torch.tensor(source(texts).to_tensor().numpy())
        return target.detokenize(network.translate(ids, START, END).numpy())

    model = _torch.Learner(network, 1e-3)
    return Side(model, data, functools.partial(bleu, translate), _captions.BATCH)


GOAL = PUBLISHED["GRU with attention, 20.5M parameters (bentrevett)"]
TRANSLATION = Task(
    "captions",
    ours,
    theirs,
    "GRU of bentrevett",
    GOAL,
    50 * _captions.BATCH,
    figure="BLEU",
    longest=4,
)
