"""English words under Chinese ones, for readers who know no Chinese.

Only the words of the sentences that the notebook shows are here. A gloss says what a
word means by itself; those in brackets do the work of grammar.
"""

import re

GLOSSES = {
    "一": "one",
    "一本": "one",
    "一样": "same",
    "七点": "seven o'clock",
    "上": "on",
    "上學": "go to school",
    "不": "not",
    "不好": "not well",
    "中国": "China",
    "为什么": "why",
    "乘": "take",
    "乡里": "village",
    "了": "(done)",
    "什么": "what",
    "他": "he",
    "任何": "any",
    "会": "can",
    "传统": "tradition",
    "你": "you",
    "信": "letter",
    "其他": "other",
    "写": "write",
    "到": "arrive",
    "到達": "reach",
    "北京": "Beijing",
    "华盛顿": "Washington",
    "原谅": "forgive",
    "去": "go",
    "只": "(counter)",
    "可以": "can",
    "吗": "(question)",
    "和": "and/with",
    "哥哥": "older brother",
    "嗎": "(question)",
    "在": "at",
    "地": "(-ly)",
    "外出": "go out",
    "大家": "everybody",
    "她": "she",
    "好": "good",
    "家裡": "home",
    "將": "will",
    "小說": "novel",
    "就": "then",
    "島": "island",
    "差不多": "nearly",
    "工作": "work",
    "常规": "convention",
    "开始": "begin",
    "开放": "bloom",
    "懂": "understand",
    "我": "I",
    "我们": "we",
    "找": "look for",
    "把": "(counter)",
    "抓緊": "seize",
    "拜訪": "visit",
    "提着": "carry",
    "播放": "broadcast",
    "散步": "take a walk",
    "方法": "way",
    "日語": "Japanese",
    "时候": "time",
    "明天": "tomorrow",
    "昨天": "yesterday",
    "時間": "time",
    "普通话": "Mandarin",
    "暢銷": "bestselling",
    "曾经": "once",
    "朋友": "friend",
    "東西": "things",
    "林中": "in the woods",
    "樱花": "cherry blossom",
    "次": "time",
    "正在": "right now",
    "每": "every",
    "每天": "every day",
    "比": "than",
    "沒": "not",
    "沒有": "there is no",
    "汤姆": "Tom",
    "满是": "full of",
    "父母": "parents",
    "现在": "now",
    "生气": "be angry",
    "留": "stay",
    "电视台": "TV station",
    "的": "(of)",
    "真的": "really",
    "着凉": "catch cold",
    "知道": "know",
    "笑": "laugh",
    "第一": "first",
    "篮子": "basket",
    "纽约": "New York",
    "而且": "and also",
    "能": "can",
    "腳踏車": "bicycle",
    "船": "ship",
    "蘋果": "apple",
    "觉得": "feel",
    "說": "speak",
    "請": "please",
    "請你": "please",
    "讓": "let",
    "请问": "may I ask",
    "谈谈": "talk",
    "赛": "match",
    "起床": "get up",
    "足球": "football",
    "跟": "with",
    "近": "nearly",
    "這": "this",
    "這裡": "here",
    "還": "still",
    "那個": "that",
    "都": "all",
    "银行": "bank",
    "門": "door",
    "開始": "begin",
    "開著": "be open",
    "閱讀": "read",
    "除了": "except",
    "獨自": "alone",
    "書": "book",
    "喜欢": "like",
    "切": "cut",
    "刀": "knife",
    "早上": "morning",
    "人": "person",
    "向": "to",
    "周末": "weekend",
    "完全": "completely",
    "问题": "problem",
    "饿": "hungry",
    "高": "tall",
    "騎": "ride",
    "鲜花": "flowers",
}
_LONGEST = max(map(len, GLOSSES))
_LATIN = re.compile("[A-Za-z]+")


def split_words(sentence: str) -> list[str]:
    """Splits a sentence at each word that has a gloss, the longest first.

    Words in Latin letters stay whole; else what has no gloss is a word each character.

    >>> split_words("他昨天去了北京。")
    ['他', '昨天', '去', '了', '北京', '。']
    """
    words, start = [], 0
    while start < len(sentence):
        ends = range(min(start + _LONGEST, len(sentence)), start, -1)
        known = (end for end in ends if sentence[start:end] in GLOSSES)
        latin = _LATIN.match(sentence, start)
        end = latin.end() if latin else next(known, start + 1)
        words.append(sentence[start:end])
        start = end
    return words


def word_by_word(sentence: str) -> str:
    """Returns the glosses of a sentence, with bars between its words.

    >>> word_by_word("Tom昨天去了北京。")
    'Tom | yesterday | go | (done) | Beijing'
    """
    words = [word for word in split_words(sentence) if word.isalnum()]
    return " | ".join(GLOSSES.get(word, word) for word in words)


def by_character(sentence: str) -> list[str]:
    """Returns a gloss for each character: at the first of a word, the rest have "…".

    >>> by_character("昨天去。")
    ['yesterday', '…', 'go', '']
    """
    glosses = []
    for word in split_words(sentence):
        gloss = GLOSSES.get(word, word if word.isalnum() else "")
        glosses += [gloss] + ["…"] * (len(word) - 1)
    return glosses
