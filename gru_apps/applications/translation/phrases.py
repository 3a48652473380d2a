"""Everyday greetings, questions and exclamations, and answers that are right.

They were written for this project. Some stand in the training sentences of Tatoeba as
well, for that is what everyday phrases do.
"""

import re
from collections.abc import Sequence

_PHRASES = """
你好。 | hello | hi | hello there | how do you do
你好！ | hello | hi | hello there | how do you do
您好。 | hello | hi | how do you do | how are you
大家好！ | hello everyone | hello everybody | hi everyone | hi everybody | hello all
你好吗？ | how are you | how are you doing | how is it going | hows it going
你最近怎么样？ | how have you been | how are you these days | how are you recently
   | how have you been lately | how are you | how are you doing
早上好！ | good morning
早安。 | good morning
下午好。 | good afternoon
晚上好。 | good evening
晚安。 | good night | goodnight
再见！ | goodbye | bye | good bye | see you | see you again | see you around
   | see you later
明天见。 | see you tomorrow
一会儿见。 | see you later | see you soon | see you in a while | see you in a minute
谢谢！ | thanks | thank you
谢谢你。 | thank you | thanks | i thank you
非常感谢。 | thank you very much | thanks a lot | thank you so much | many thanks
谢谢你的帮助。 | thank you for your help | thanks for your help
   | thank you for helping me
不客气。 | youre welcome | you are welcome | dont mention it | not at all
不用谢。 | youre welcome | you are welcome | dont mention it | not at all
   | no thanks | no need to thank me
对不起。 | im sorry | sorry | excuse me | i am sorry
对不起，我迟到了。 | im sorry im late | sorry im late | im sorry i was late
   | im sorry for being late | sorry i was late | im sorry to be late
   | sorry i am late
没关系。 | it doesnt matter | its ok | its okay | thats all right | never mind
   | no problem | it does not matter | its all right | thats ok
没问题。 | no problem | theres no problem | there is no problem
   | there are no problems
救命！ | help | help me
小心！ | be careful | look out | watch out | careful | take care
快点！ | hurry up | hurry | quick | quickly | faster | come on
等一下！ | wait a minute | wait a moment | just a moment | just a minute | hold on
   | wait | one moment | wait a second
请等一下。 | please wait a moment | wait a minute please | please wait a minute
   | just a moment please | one moment please | please wait | wait a moment please
   | please hold on | please wait for a moment | please wait for a minute
请坐。 | please sit down | sit down please | please have a seat | please take a seat
   | have a seat please | please be seated | take a seat please
请进。 | come in | please come in | come in please
请帮帮我。 | please help me | help me please
生日快乐！ | happy birthday | happy birthday to you
新年快乐！ | happy new year
圣诞快乐！ | merry christmas | happy christmas
恭喜！ | congratulations
干杯！ | cheers | bottoms up
祝你好运！ | good luck | good luck to you | i wish you luck | i wish you good luck
欢迎！ | welcome
欢迎来到中国。 | welcome to china
好久不见。 | long time no see | i havent seen you for a long time
   | its been a long time | i havent seen you in a long time
很高兴认识你。 | nice to meet you | im glad to meet you | pleased to meet you
   | im very happy to meet you | im happy to meet you | glad to meet you
   | its nice to meet you | im pleased to meet you | i am glad to meet you
   | im very glad to meet you | im happy to know you | im glad to know you
太好了！ | great | thats great | wonderful | thats wonderful | very good
   | how wonderful | terrific | excellent | its great | too good
真的吗？ | really | is that true | is it true | is that so | are you serious
当然！ | of course | sure | certainly | absolutely
我也是。 | me too | so am i | so do i | i am too | same here | i do too
我不知道。 | i dont know | i do not know | i didnt know
我知道。 | i know | i know that | i know it
我明白了。 | i see | i understand | i got it | i understood | i get it
我不明白。 | i dont understand | i do not understand | i dont get it
我听不懂。 | i dont understand | i cant understand | i dont understand it
   | i cant understand it | i cant understand you | i dont understand you
请再说一遍。 | please say it again | say it again please | please say that again
   | say that again please | please repeat | please repeat it
   | please say it once more | could you say that again
   | please say it one more time
我爱你。 | i love you
我想你。 | i miss you | i think you | im thinking of you | i think of you
我饿了。 | im hungry | i am hungry | i got hungry
我渴了。 | im thirsty | i am thirsty
我累了。 | im tired | i am tired | i was tired | i got tired
我病了。 | im sick | i am sick | im ill | i am ill | i was sick | i got sick
我迷路了。 | im lost | i am lost | i got lost | ive lost my way | i lost my way
   | i was lost
我很好。 | im fine | i am fine | im well | im very well | im good | im ok
   | im very good | im doing well
我很忙。 | im busy | i am busy | im very busy | i am very busy | i was busy
我是学生。 | im a student | i am a student
我是中国人。 | im chinese | i am chinese | im a chinese | i am a chinese
   | im from china
我叫汤姆。 | my name is tom | im tom | im called tom | i am tom
你叫什么名字？ | whats your name | what is your name | what are you called
你是谁？ | who are you
他是谁？ | who is he | whos he
这是什么？ | what is this | whats this | what is it | whats that
那是什么？ | what is that | whats that | what was that
为什么？ | why
怎么了？ | whats wrong | whats the matter | what happened | whats going on
   | what is wrong | whats up
什么时候？ | when
几点了？ | what time is it | what time is it now
现在几点？ | what time is it | what time is it now | whats the time
今天星期几？ | what day is it today | what day is today
   | what day of the week is it today | what day of the week is it
多少钱？ | how much is it | how much | how much does it cost | how much money
   | how much is this | how much does this cost | how much is that | whats the price
这个多少钱？ | how much is this | how much is it | how much does this cost
   | how much does it cost | how much is that | how much is this one
厕所在哪里？ | where is the toilet | where is the bathroom | wheres the toilet
   | wheres the bathroom | where is the restroom | wheres the restroom
   | where are the toilets
车站在哪里？ | where is the station | wheres the station | where is the bus stop
   | where is the train station | where is the bus station
   | wheres the train station | wheres the bus stop
你在哪里？ | where are you | where were you
你要去哪里？ | where are you going | where do you want to go | where will you go
你从哪里来？ | where are you from | where do you come from | where did you come from
   | where are you coming from
你住在哪里？ | where do you live | where are you staying
你几岁？ | how old are you
你会说英语吗？ | can you speak english | do you speak english
你会说中文吗？ | can you speak chinese | do you speak chinese
你喜欢音乐吗？ | do you like music
你想喝什么？ | what do you want to drink | what would you like to drink
   | what would you like to have to drink
你在做什么？ | what are you doing | what were you doing
你说什么？ | what did you say | what are you saying | what do you say
   | what are you talking about | what
你能帮我吗？ | can you help me | could you help me | will you help me
   | would you help me
我可以进来吗？ | can i come in | may i come in | could i come in
我要一杯咖啡。 | i want a cup of coffee | id like a cup of coffee
   | ill have a cup of coffee | i would like a cup of coffee
   | i need a cup of coffee | i will have a cup of coffee
今天很热。 | its hot today | it is hot today | its very hot today
   | it is very hot today | today is hot | today is very hot | it was hot today
今天很冷。 | its cold today | it is cold today | its very cold today
   | it is very cold today | today is cold | today is very cold | it was cold today
下雨了。 | its raining | it is raining | it rained | it started raining
   | it began to rain | it started to rain
别担心。 | dont worry | do not worry | dont worry about it
别哭。 | dont cry | stop crying | do not cry
别动！ | dont move | freeze | do not move | stay still
安静！ | quiet | be quiet | silence | keep quiet
"""


def _read(lines):
    for line in lines.replace("\n   |", " |").strip().splitlines():
        phrase, *answers = line.split("|")
        yield phrase.strip(), {answer.strip() for answer in answers}


PHRASES = dict(_read(_PHRASES))


def is_right(phrase: str, answer: str) -> bool:
    """Tells whether an answer to one of `PHRASES` is right, whatever its punctuation.

    >>> is_right("我饿了。", "I'm hungry!")
    True
    """
    answer = re.sub(r"[^\w ]", "", answer.casefold())
    return " ".join(answer.split()) in PHRASES[phrase]


def share_right(phrases: Sequence[str], answers: Sequence[str]) -> float:
    """Returns the share of phrases whose answer is right."""
    pairs = zip(phrases, answers, strict=True)
    return sum(is_right(phrase, answer) for phrase, answer in pairs) / len(phrases)
