"""Sentences that try a translator: numbers, names and everyday phrases.

They were written for this project, and stand in no corpus. What counts as right is
what English words must stand in the answer, whatever stands around them.
"""

import random
import re
from collections.abc import Iterable, Sequence

from gru_apps.applications.translation.numerals import in_words

_NUMBERED = [
    "我有{}本书。",
    "他今年{}岁了。",
    "这件衣服{}块钱。",
    "我们班有{}个学生。",
    "她在北京住了{}年。",
    "我等了他{}分钟。",
    "这座桥长{}米。",
    "他买了{}个苹果。",
    "请打开第{}页。",
    "房间的号码是{}。",
    "他每天走{}公里。",
    "这个城市有{}家医院。",
    "我爷爷{}岁的时候去世了。",
    "火车{}分钟以后到。",
    "会议有{}个人参加。",
    "她花了{}美元。",
    "我只睡了{}个小时。",
    "他的体重是{}公斤。",
    "公共汽车上有{}个人。",
    "那棵树有{}年了。",
]
_NAMED = [
    "我从来没去过{}。",
    "他昨天从{}回来了。",
    "我姐姐住在{}。",
    "明年我们想去{}。",
    "{}是一个美丽的地方。",
]
_PEOPLE = [
    "我读过一本关于{}的书。",
    "你知道{}是谁吗？",
    "{}非常有名。",
    "我很喜欢{}。",
    "他的老师认识{}。",
]
PLACES = (
    "北京 Beijing,上海 Shanghai,广州 Guangzhou,深圳 Shenzhen,南京 Nanjing,"
    "西安 Xi'an,成都 Chengdu,杭州 Hangzhou,武汉 Wuhan,天津 Tianjin,重庆 Chongqing,"
    "苏州 Suzhou,青岛 Qingdao,大连 Dalian,香港 Hong Kong,澳门 Macau|Macao,"
    "台北 Taipei,西藏 Tibet,新疆 Xinjiang,四川 Sichuan,东京 Tokyo,京都 Kyoto,"
    "大阪 Osaka,首尔 Seoul,曼谷 Bangkok,新加坡 Singapore,河内 Hanoi,"
    "新德里 New Delhi,孟买 Mumbai|Bombay,莫斯科 Moscow,伦敦 London,巴黎 Paris,"
    "柏林 Berlin,罗马 Rome|Roma,马德里 Madrid,雅典 Athens,维也纳 Vienna,"
    "阿姆斯特丹 Amsterdam,日内瓦 Geneva,纽约 New York,芝加哥 Chicago,"
    "洛杉矶 Los Angeles,波士顿 Boston,旧金山 San Francisco,多伦多 Toronto,"
    "悉尼 Sydney,开罗 Cairo,埃及 Egypt,巴西 Brazil,加拿大 Canada"
)
PEOPLE = (
    "汤姆 Tom,玛丽 Mary,约翰 John,杰克 Jack,比尔 Bill,安娜 Anna,彼得 Peter,"
    "大卫 David,迈克 Mike,露西 Lucy,爱因斯坦 Einstein,牛顿 Newton,达尔文 Darwin,"
    "伽利略 Galileo,居里夫人 Curie,爱迪生 Edison,莫扎特 Mozart,贝多芬 Beethoven,"
    "巴赫 Bach,肖邦 Chopin,莎士比亚 Shakespeare,歌德 Goethe,雨果 Hugo,"
    "托尔斯泰 Tolstoy|Tolstoi,海明威 Hemingway,柏拉图 Plato,亚里士多德 Aristotle,"
    "苏格拉底 Socrates,孔子 Confucius,老子 Laozi|Lao-tze|Lao Tzu,李白 Li Bai|Li Po,"
    "杜甫 Du Fu,鲁迅 Lu Xun,老舍 Lao She,毛泽东 Mao Zedong|Mao Tse-tung,"
    "孙中山 Sun Yat-sen|Sun Zhongshan,成吉思汗 Genghis Khan|Chinggis Khan,"
    "秦始皇 Qin Shi|First Emperor,拿破仑 Napoleon,林肯 Lincoln,华盛顿 Washington,"
    "甘地 Gandhi,丘吉尔 Churchill,哥伦布 Columbus,毕加索 Picasso,"
    "梵高 Gogh,达芬奇 Vinci,贝克汉姆 Beckham,姚明 Yao Ming,李小龙 Bruce Lee"
)
_CHINESE_DIGITS = "零一二三四五六七八九"


def numbered_sentences(seed: int = 0) -> list[tuple[str, list[str]]]:
    """Returns 200 sentences with a number each, and the ways to write it in English.

    Half of the numbers are figures, half are numerals from 11 to 99.

    >>> sentence, ways = numbered_sentences()[1]
    >>> any(way.isdecimal() for way in ways)
    True
    """
    rng, trials = random.Random(seed), []
    for frame in _NUMBERED * 5:
        small, large = rng.randint(11, 99), rng.randint(2, 3000)
        ways = [str(large), f"{large:,}"] + ([in_words(large)] if large < 101 else [])
        trials.append((frame.format(large), ways))
        numeral = in_numerals(small)
        trials.append((frame.format(numeral), [str(small), in_words(small)]))
    return trials


def in_numerals(number: int) -> str:
    """Writes a number from 11 to 99 in Chinese numerals.

    >>> in_numerals(35), in_numerals(11)
    ('三十五', '十一')
    """
    tens, ones = divmod(number, 10)
    tens = "" if tens == 1 else _CHINESE_DIGITS[tens]
    return f"{tens}十{_CHINESE_DIGITS[ones] if ones else ''}"


def named_sentences() -> list[tuple[str, list[str]]]:
    """Returns a sentence for each of 50 places and 50 people, and the English names.

    >>> named_sentences()[0]
    ('我从来没去过北京。', ['Beijing'])
    """
    trials = []
    for frames, names in ((_NAMED, PLACES), (_PEOPLE, PEOPLE)):
        for place, name in enumerate(names.split(",")):
            chinese, english = name.split(" ", 1)
            frame = frames[place % len(frames)]
            trials.append((frame.format(chinese), english.split("|")))
    return trials


def holds(answer: str, ways: Iterable[str]) -> bool:
    """Tells whether one of several words stands in an answer, in any case.

    >>> holds("I have 25 books.", ["25", "twenty-five"]), holds("I have 125.", ["25"])
    (True, False)
    """
    pattern = "|".join(re.escape(way) for way in ways)
    return bool(re.search(rf"(?<![\w,])(?:{pattern})(?![\w,]*\d)(?!\w)", answer, re.I))


def share_held(
    answers: Sequence[str], trials: Sequence[tuple[str, list[str]]]
) -> float:
    """Returns the share of trials whose answer holds what it must."""
    pairs = zip(answers, trials, strict=True)
    return sum(holds(answer, ways) for answer, (_, ways) in pairs) / len(trials)
