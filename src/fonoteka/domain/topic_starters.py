"""Topics to begin with, in Russian and in English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicStarter:
    """A topic as it is offered; `key` is the same in both languages."""

    key: str
    name: str
    description: str
    phrases: str


_RUSSIAN = (
    TopicStarter(
        "complaint",
        "Жалоба",
        "Клиент недоволен или грозит пожаловаться.",
        """\
(пожаловаться | жалоба | претензия) @клиент
(недоволен | недовольна | возмущён | возмущена) @клиент
(роспотребнадзор | прокуратура | суд) @клиент
позовите [2] (начальник | руководитель | старший | директор) @клиент
(безобразие | кошмар | издевательство) @клиент
сколько можно @клиент
меня [1] не устраивает @клиент
никто [2] (перезвонил | отвечает | помог) @клиент
""",
    ),
    TopicStarter(
        "cancellation",
        "Отказ",
        "Клиент уходит, отменяет заказ или просит вернуть деньги.",
        """\
(вернуть | верните | возврат) [2] (деньги | средства | сумма) @клиент
(расторгнуть | расторжение) [2] договор
(отменить | отмена | отказаться от) [2] (заказ | заявка | подписка | услуга | запись) @клиент
(отключить | отключите) [2] (услуга | тариф | подписка) @клиент
(уйти | ухожу | перейду | перехожу) [2] к (другой | другая) @клиент
больше не (хочу | буду | нужно) @клиент
""",
    ),
    TopicStarter(
        "competitor",
        "Конкурент",
        "Клиент сравнивает с другими. Впишите названия конкурентов, по одному в строке.",
        """\
# Названия конкурентов – по одному в строке
у конкурентов
у других [2] (дешевле | лучше | быстрее) @клиент
в другой (компания | фирма | организация | банк) @клиент
(нашёл | видел | предложили) [2] дешевле @клиент
""",
    ),
    TopicStarter(
        "price",
        "Цена",
        "Разговор о цене и скидках.",
        """\
сколько (стоит | стоить | будет стоить)
какая [2] (цена | стоимость)
(дорого | дороговато | слишком дорогой) @клиент
(скидка | промокод | акция)
(дешевле | подешевле) @клиент
прайс
""",
    ),
    TopicStarter(
        "promise",
        "Обещание",
        "Сотрудник пообещал что-то сделать: стоит проверить, сделано ли.",
        """\
(перезвоню | перезвоним) [3] вам @сотрудник
вам [2] (перезвонят | перезвоним | перезвоню) @сотрудник
(отправлю | пришлю | вышлю | направлю) [3] вам @сотрудник
я [2] (уточню | узнаю | передам | проверю) @сотрудник
(обещаю | гарантирую | обязательно сделаем) @сотрудник
в течение [2] (час | день | недели | сутки) @сотрудник
""",
    ),
    TopicStarter(
        "rudeness",
        "Грубость",
        "Резкие слова с любой стороны.",
        """\
(идиот | дурак | дура | придурок | тупой | тупая)
(заткнись | отстань | отвали | пошёл вон)
вы [1] (издеваетесь | глухой | глухая)
не (кричите | орите | хамите)
(ваши проблемы | это не моя проблема | мне всё равно) @сотрудник
что вы [1] от меня хотите @сотрудник
""",
    ),
    TopicStarter(
        "greeting",
        "Приветствие",
        "Сотрудник поздоровался в начале разговора.",
        """\
(здравствуйте | добрый день | доброе утро | добрый вечер | приветствую) @сотрудник @первые:20
чем [2] (помочь | полезен | полезна) @сотрудник @первые:30
""",
    ),
    TopicStarter(
        "farewell",
        "Прощание",
        "Сотрудник попрощался в конце разговора.",
        """\
(до свидания | всего доброго | всего хорошего) @сотрудник @последние:20
хорошего [1] (день | вечер | выходных) @сотрудник @последние:20
спасибо за (звонок | обращение) @сотрудник @последние:30
""",
    ),
    TopicStarter(
        "recorded",
        "Предупреждение о записи",
        "Сотрудник сказал, что разговор записывается.",
        """\
(разговор | звонок | беседа) [2] (записывается | записываться | записываются) @сотрудник @первые:60
(ведётся | идёт) [1] запись @сотрудник @первые:60
""",
    ),
)

_ENGLISH = (
    TopicStarter(
        "complaint",
        "Complaint",
        "The client is unhappy, or threatens to complain.",
        """\
(complain | complaint) @customer
(unacceptable | ridiculous | outrageous | disgusting) @customer
speak to [2] (manager | supervisor) @customer
(not happy | unhappy | disappointed | fed up) @customer
(my lawyer | legal action | take this further) @customer
nobody [2] (called back | answers | helped) @customer
""",
    ),
    TopicStarter(
        "cancellation",
        "Cancellation",
        "The client leaves, cancels an order or wants the money back.",
        """\
(cancel | cancellation) [3] (order | subscription | contract | account | service | appointment) @customer
(refund | money back) @customer
(leave you | leaving you | switch to another | switching to another) @customer
(close | terminate) [2] (account | contract) @customer
do not want [3] any more @customer
""",
    ),
    TopicStarter(
        "competitor",
        "Competitor",
        "The client compares. Add the competitors' names, a line each.",
        """\
# Names of competitors, a line each
(competitor | competition)
(another | different | other) (company | provider | supplier | bank) @customer
(cheaper | better) [2] elsewhere @customer
found [3] cheaper @customer
""",
    ),
    TopicStarter(
        "price",
        "Price",
        "Talk of price and discounts.",
        """\
how much (is | does | would | will)
what [2] (price | cost)
(too expensive | expensive | pricey) @customer
(discount | promo code | special offer)
cheaper @customer
""",
    ),
    TopicStarter(
        "promise",
        "Promise",
        "The agent promised something: worth checking whether it was done.",
        """\
(call | ring) you back @agent
(send | email | forward) [1] you @agent
I will [2] (check | find out | ask | pass) @agent
(I promise | I guarantee | we guarantee) @agent
within [2] (hour | day | week) @agent
""",
    ),
    TopicStarter(
        "rudeness",
        "Rudeness",
        "Harsh words of either side.",
        """\
(idiot | stupid | moron)
shut up
do not shout
(not my problem | I do not care | whatever) @agent
what do you want from me @agent
""",
    ),
    TopicStarter(
        "greeting",
        "Greeting",
        "The agent greeted at the beginning.",
        """\
(hello | good morning | good afternoon | good evening) @agent @first:20
how [1] I help @agent @first:30
""",
    ),
    TopicStarter(
        "farewell",
        "Farewell",
        "The agent said goodbye at the end.",
        """\
(goodbye | good bye | bye bye) @agent @last:20
have a [2] (day | evening | weekend) @agent @last:20
(thank you | thanks) for calling @agent @last:30
""",
    ),
    TopicStarter(
        "recorded",
        "Announcement of recording",
        "The agent said that the call is recorded.",
        """\
(call | calls | conversation) [3] recorded @agent @first:60
(recording | record) this call @agent @first:60
""",
    ),
)

STARTERS = {"ru": _RUSSIAN, "en": _ENGLISH}
"""By language."""
