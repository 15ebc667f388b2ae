"""What each code of CAMEO says in our words: the table by which coded news becomes events.

CAMEO is the codebook of Conflict and Mediation Event Observations (P. A. Schrodt and others). A
code says what kind of thing a source actor did to a target on a day. It refers to no proposal that
was made before, to no truce and to no date by which anything is due, and it does not say who tells
of it. So:

- an intent to meet or negotiate (036), to de-escalate (0356) or to settle the dispute (037) is a
  proposal of the source to the target. That is the convention of those who use the data: the
  codebook has an offer, a promise and mere willingness under one code. No code answers such a
  proposal or takes it back, so it stands open;
- any other intent is a position: it is not told that anything is offered to the target;
- an appeal or a demand is a position and no proposal: it has no terms, and whoever makes it may be
  a third party;
- an agreement to something, or its refusal, is a position and no answer: what it answers is not
  told;
- a threat or an ultimatum is a statement and no deadline: by when is not told;
- an accusation is a statement and no violation of a truce: it may be about something else;
- a deed, as fighting or aid, has no event; what is said, agreed or met about has.

How firm a position is follows from the code alone, and is the least that it can mean: an intent may
be mere willingness (`open`), and a refusal need be no red line (`preference`). What a position is
about says who is to do it, so that the demand of one and the refusal of the other are stands on the
same issue. What only both can do, as to meet, names neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from negotiation.events import PositionStated, ProposalMade, TruceDeclared
from negotiation.importers.coded_events import MEANINGS, Meaning


@frozen
class Code:
    """A code of the codebook and our event.

    Attributes:
        code: the code, with its leading zeros.
        name: what the codebook calls it.
        meaning: what becomes of it.
        issue: for a position, what it is about, and for a proposal, its one term; `{source}` and
            `{target}` stand for the parties.
        note: why it becomes that.
    """

    code: str
    name: str
    meaning: Meaning
    issue: str
    note: str

    @property
    def joint(self) -> bool:
        """Whether source and target may do it together, in one sentence that has both rows."""
        event = self.meaning.event
        return event is TruceDeclared or (event is ProposalMade and "{source}" not in self.issue)


_TABLE: Final = """
01 | MAKE PUBLIC STATEMENT | statement
010 | Make statement | statement
011 | Decline comment | statement
012 | Make pessimistic comment | statement
013 | Make optimistic comment | statement
014 | Consider policy option | statement
015 | Acknowledge or claim responsibility | statement
016 | Deny responsibility | statement
017 | Engage in symbolic act | deed
018 | Make empathetic comment | statement
019 | Express accord | statement
02 | APPEAL | statement | what is asked for is not told
020 | Make an appeal or request | statement | what is asked for is not told
021 | Appeal for material cooperation | asked | material cooperation
0211 | Appeal for economic cooperation | asked | economic cooperation
0212 | Appeal for military cooperation | asked | military cooperation
0213 | Appeal for judicial cooperation | asked | judicial cooperation
0214 | Appeal for intelligence | asked | intelligence cooperation
022 | Appeal for diplomatic cooperation (such as policy support) | asked | diplomatic cooperation
023 | Appeal for aid | asked | material aid by {target}
0231 | Appeal for economic aid | asked | economic aid by {target}
0232 | Appeal for military aid | asked | military aid by {target}
0233 | Appeal for humanitarian aid | asked | humanitarian aid by {target}
0234 | Appeal for military protection or peacekeeping
    | asked | military protection or peacekeeping by {target}
024 | Appeal for political reform | asked | political reform by {target}
0241 | Appeal for change in leadership | asked | change in leadership by {target}
0242 | Appeal for policy change | asked | policy change by {target}
0243 | Appeal for rights | asked | rights granted by {target}
0244 | Appeal for change in institutions, regime
    | asked | change in institutions, regime by {target}
025 | Appeal to yield | asked | yielding by {target}
0251 | Appeal for easing of administrative sanctions
    | asked | easing of administrative sanctions by {target}
0252 | Appeal for easing of political dissent | asked | easing of political dissent by {target}
0253 | Appeal for release of persons or property
    | asked | release of persons or property by {target}
0254 | Appeal for easing of economic sanctions, boycott, or embargo
    | asked | easing of economic sanctions, boycott, or embargo by {target}
0255 | Appeal for target to allow international involvement (non-mediation)
    | asked | international involvement (non-mediation) allowed by {target}
0256 | Appeal for de-escalation of military engagement
    | asked | de-escalation of military engagement by {target}
026 | Appeal to others to meet or negotiate
    | asked | meeting or negotiation of {target} with others
027 | Appeal to others to settle dispute | asked | settlement of dispute by {target} with others
028 | Appeal to engage in or accept mediation | asked | mediation
03 | EXPRESS INTENT TO COOPERATE | intended | cooperation
030 | Express intent to cooperate | intended | cooperation
031 | Express intent to engage in material cooperation | intended | material cooperation
0311 | Express intent to cooperate economically | intended | economic cooperation
0312 | Express intent to cooperate militarily | intended | military cooperation
0313 | Express intent to cooperate on judicial matters | intended | judicial cooperation
0314 | Express intent to cooperate on intelligence | intended | intelligence cooperation
032 | Express intent to engage in diplomatic cooperation (such as policy support)
    | intended | diplomatic cooperation
033 | Express intent to provide material aid | intended | material aid by {source}
0331 | Express intent to provide economic aid | intended | economic aid by {source}
0332 | Express intent to provide military aid | intended | military aid by {source}
0333 | Express intent to provide humanitarian aid | intended | humanitarian aid by {source}
0334 | Express intent to provide military protection or peacekeeping
    | intended | military protection or peacekeeping by {source}
034 | Express intent to institute political reform | intended | political reform by {source}
0341 | Express intent to change leadership | intended | change in leadership by {source}
0342 | Express intent to change policy | intended | policy change by {source}
0343 | Express intent to provide rights | intended | rights granted by {source}
0344 | Express intent to change institutions, regime
    | intended | change in institutions, regime by {source}
035 | Express intent to yield | intended | yielding by {source}
0351 | Express intent to ease administrative sanctions
    | intended | easing of administrative sanctions by {source}
0352 | Express intent to ease popular dissent | intended | easing of political dissent by {source}
0353 | Express intent to release persons or property
    | intended | release of persons or property by {source}
0354 | Express intent to ease economic sanctions, boycott, or embargo
    | intended | easing of economic sanctions, boycott, or embargo by {source}
0355 | Express intent to allow international involvement (non-mediation)
    | intended | international involvement (non-mediation) allowed by {source}
0356 | Express intent to de-escalate military engagement
    | offered | de-escalation of military engagement by {source}
036 | Express intent to meet or negotiate | offered | meeting or negotiation
037 | Express intent to settle dispute | offered | settlement of dispute
038 | Express intent to accept mediation | intended | mediation
039 | Express intent to mediate | intended | mediation by {source}
04 | CONSULT | meeting
040 | Consult | meeting
041 | Discuss by telephone | meeting
042 | Make a visit
    | meeting | by the data's convention; guest and host are one meeting
043 | Host a visit
    | meeting | by the data's convention; guest and host are one meeting
044 | Meet at a 'third' location | meeting
045 | Mediate | mediator
046 | Engage in negotiation | meeting
05 | ENGAGE IN DIPLOMATIC COOPERATION | deed
050 | Engage in diplomatic cooperation | deed
051 | Praise or endorse | statement
052 | Defend verbally | statement
053 | Rally support on behalf of | statement
054 | Grant diplomatic recognition | deed
055 | Apologize | statement
056 | Forgive | statement
057 | Sign formal agreement | signed | formal agreement
06 | ENGAGE IN MATERIAL COOPERATION | deed
060 | Engage in material cooperation | deed
061 | Cooperate economically | deed
062 | Cooperate militarily | deed
063 | Engage in judicial cooperation | deed
064 | Share intelligence or information | deed
07 | PROVIDE AID | deed
070 | Provide aid | deed
071 | Provide economic aid | deed
072 | Provide military aid | deed
073 | Provide humanitarian aid | deed
074 | Provide military protection or peacekeeping | deed
075 | Grant asylum | deed
08 | YIELD | deed
080 | Yield | deed
081 | Ease administrative sanctions | deed
0811 | Ease restrictions on political freedoms | deed
0812 | Ease ban on political parties or politicians | deed
0813 | Ease curfew | deed
0814 | Ease state of emergency or martial law | deed
082 | Ease political dissent | deed
083 | Accede to requests or demands for political reform | acceded | political reform by {source}
0831 | Accede to demands for change in leadership | acceded | change in leadership by {source}
0832 | Accede to demands for change in policy | acceded | policy change by {source}
0833 | Accede to demands for rights | acceded | rights granted by {source}
0834 | Accede to demands for change in institutions, regime
    | acceded | change in institutions, regime by {source}
084 | Return, release | deed
0841 | Return, release person(s) | deed
0842 | Return, release property | deed
085 | Ease economic sanctions, boycott, embargo | deed
086 | Allow international involvement | deed
0861 | Receive deployment of peacekeepers | deed
0862 | Receive inspectors | deed
0863 | Allow humanitarian access | deed
087 | De-escalate military engagement | deed
0871 | Declare truce, ceasefire
    | truce | or observed one: the code does not say which; nor until when
0872 | Ease military blockade | deed
0873 | Demobilize armed forces | deed
0874 | Retreat or surrender militarily | deed
09 | INVESTIGATE | deed
090 | Investigate | deed
091 | Investigate crime, corruption | deed
092 | Investigate human rights abuses | deed
093 | Investigate military action | deed
094 | Investigate war crimes | deed
10 | DEMAND | statement | what is demanded is not told
100 | Demand | statement | what is demanded is not told
101 | Demand material cooperation | demanded | material cooperation
1011 | Demand economic cooperation | demanded | economic cooperation
1012 | Demand military cooperation | demanded | military cooperation
1013 | Demand judicial cooperation | demanded | judicial cooperation
1014 | Demand intelligence cooperation | demanded | intelligence cooperation
102 | Demand diplomatic cooperation (such as policy support) | demanded | diplomatic cooperation
103 | Demand material aid | demanded | material aid by {target}
1031 | Demand economic aid | demanded | economic aid by {target}
1032 | Demand military aid | demanded | military aid by {target}
1033 | Demand humanitarian aid | demanded | humanitarian aid by {target}
1034 | Demand military protection or peacekeeping
    | demanded | military protection or peacekeeping by {target}
104 | Demand political reform | demanded | political reform by {target}
1041 | Demand change in leadership | demanded | change in leadership by {target}
1042 | Demand policy change | demanded | policy change by {target}
1043 | Demand rights | demanded | rights granted by {target}
1044 | Demand change in institutions, regime
    | demanded | change in institutions, regime by {target}
105 | Demand that target yields | demanded | yielding by {target}
1051 | Demand easing of administrative sanctions
    | demanded | easing of administrative sanctions by {target}
1052 | Demand easing of political dissent | demanded | easing of political dissent by {target}
1053 | Demand release of persons or property
    | demanded | release of persons or property by {target}
1054 | Demand easing of economic sanctions, boycott, or embargo
    | demanded | easing of economic sanctions, boycott, or embargo by {target}
1055 | Demand that target allows international involvement (non-mediation)
    | demanded | international involvement (non-mediation) allowed by {target}
1056 | Demand de-escalation of military engagement
    | demanded | de-escalation of military engagement by {target}
106 | Demand meeting, negotiation | demanded | meeting or negotiation
107 | Demand settling of dispute | demanded | settlement of dispute
108 | Demand mediation | demanded | mediation
11 | DISAPPROVE | statement
110 | Disapprove | statement
111 | Criticize or denounce | statement
112 | Accuse | statement
1121 | Accuse of crime, corruption | statement
1122 | Accuse of human rights abuses | statement
1123 | Accuse of aggression
    | statement | an allegation, perhaps of no breach of a truce: no violation is claimed
1124 | Accuse of war crimes | statement
1125 | Accuse of espionage, treason | statement
113 | Rally opposition against | statement
114 | Complain officially | statement
115 | Bring lawsuit against | deed | a step at a court
116 | find guilty or liable (legally) | deed | a step at a court
12 | REJECT | statement | what is refused is not told
120 | Reject | statement | what is refused is not told
121 | Reject material cooperation | refused | material cooperation
1211 | Reject economic cooperation | refused | economic cooperation
1212 | Reject military cooperation | refused | military cooperation
1213 | Reject judicial cooperation | refused | judicial cooperation
1214 | Reject intelligence cooperation | refused | intelligence cooperation
122 | Reject request or demand for material aid | refused | material aid by {source}
1221 | Reject request for economic aid | refused | economic aid by {source}
1222 | Reject request for military aid | refused | military aid by {source}
1223 | Reject request for humanitarian aid | refused | humanitarian aid by {source}
1224 | Reject request for military protection or peacekeeping
    | refused | military protection or peacekeeping by {source}
123 | Reject request or demand for political reform | refused | political reform by {source}
1231 | Reject request for change in leadership | refused | change in leadership by {source}
1232 | Reject request for policy change | refused | policy change by {source}
1233 | Reject request for rights | refused | rights granted by {source}
1234 | Reject request for change in institutions, regime
    | refused | change in institutions, regime by {source}
124 | Refuse to yield | refused | yielding by {source}
1241 | Refuse to ease administrative sanctions
    | refused | easing of administrative sanctions by {source}
1242 | Refuse to ease popular dissent | refused | easing of political dissent by {source}
1243 | Refuse to release persons or property
    | refused | release of persons or property by {source}
1244 | Refuse to ease economic sanctions, boycott, or embargo
    | refused | easing of economic sanctions, boycott, or embargo by {source}
1245 | Refuse to allow international involvement (non mediation)
    | refused | international involvement (non-mediation) allowed by {source}
1246 | Refuse to de-escalate military engagement
    | refused | de-escalation of military engagement by {source}
125 | Reject proposal to meet, discuss, or negotiate | refused | meeting or negotiation
126 | Reject mediation | refused | mediation
127 | Reject plan, agreement to settle dispute | refused | plan, agreement to settle dispute
128 | Defy norms, law | deed
129 | Veto | statement | what is vetoed is not told
13 | THREATEN | statement
130 | Threaten | statement
131 | Threaten non-force | statement
1311 | Threaten to reduce or stop aid | statement
1312 | Threaten with sanctions, boycott, embargo | statement
1313 | Threaten to reduce or break relations | statement
132 | Threaten with administrative sanctions | statement
1321 | Threaten with restrictions on political freedoms | statement
1322 | Threaten to ban political parties or politicians | statement
1323 | Threaten to impose curfew | statement
1324 | Threaten to impose state of emergency or martial law | statement
133 | Threaten with political dissent, protest | statement
134 | Threaten to halt negotiations | statement | who threatens to leave has not left
135 | Threaten to halt mediation | statement | who threatens to leave has not left
136 | Threaten to halt international involvement (non-mediation) | statement
137 | Threaten with repression | statement
138 | Threaten with military force | statement
1381 | Threaten blockade | statement
1382 | Threaten occupation | statement
1383 | Threaten unconventional violence | statement
1384 | Threaten conventional attack | statement
1385 | Threaten attack with WMD | statement
139 | Give ultimatum | statement | by when is not told: no deadline
14 | PROTEST | deed
140 | Engage in political dissent | deed
141 | Demonstrate or rally | deed
1411 | Demonstrate for leadership change | demanded | change in leadership by {target}
1412 | Demonstrate for policy change | demanded | policy change by {target}
1413 | Demonstrate for rights | demanded | rights granted by {target}
1414 | Demonstrate for change in institutions, regime
    | demanded | change in institutions, regime by {target}
142 | Conduct hunger strike | deed
1421 | Conduct hunger strike for leadership change | demanded | change in leadership by {target}
1422 | Conduct hunger strike for policy change | demanded | policy change by {target}
1423 | Conduct hunger strike for rights | demanded | rights granted by {target}
1424 | Conduct hunger strike for change in institutions, regime
    | demanded | change in institutions, regime by {target}
143 | Conduct strike or boycott | deed
1431 | Conduct strike or boycott for leadership change
    | demanded | change in leadership by {target}
1432 | Conduct strike or boycott for policy change | demanded | policy change by {target}
1433 | Conduct strike or boycott for rights | demanded | rights granted by {target}
1434 | Conduct strike or boycott for change in institutions, regime
    | demanded | change in institutions, regime by {target}
144 | Obstruct passage, block | deed
1441 | Obstruct passage to demand leadership change | demanded | change in leadership by {target}
1442 | Obstruct passage to demand policy change | demanded | policy change by {target}
1443 | Obstruct passage to demand rights | demanded | rights granted by {target}
1444 | Obstruct passage to demand change in institutions, regime
    | demanded | change in institutions, regime by {target}
145 | Protest violently, riot | deed
1451 | Engage in violent protest for leadership change
    | demanded | change in leadership by {target}
1452 | Engage in violent protest for policy change | demanded | policy change by {target}
1453 | Engage in violent protest for rights | demanded | rights granted by {target}
1454 | Engage in violent protest for change in institutions, regime
    | demanded | change in institutions, regime by {target}
15 | EXHIBIT FORCE POSTURE | deed
150 | Demonstrate military or police power | deed
151 | Increase police alert status | deed
152 | Increase military alert status | deed
153 | Mobilize or increase police power | deed
154 | Mobilize or increase armed forces | deed
16 | REDUCE RELATIONS | deed
160 | Reduce relations | deed
161 | Reduce or break diplomatic relations | deed
162 | Reduce or stop material aid | deed
1621 | Reduce or stop economic assistance | deed
1622 | Reduce or stop military assistance | deed
1623 | Reduce or stop humanitarian assistance | deed
163 | Impose embargo, boycott, or sanctions | deed
164 | Halt negotiations | withdrawal | talks that failed are coded so too
165 | Halt mediation | withdrawal
166 | Expel or withdraw | deed | expelled, or withdrawn: who left is not told
1661 | Expel or withdraw peacekeepers | deed | expelled, or withdrawn: who left is not told
1662 | Expel or withdraw inspectors, observers
    | deed | expelled, or withdrawn: who left is not told
1663 | Expel or withdraw aid agencies | deed | expelled, or withdrawn: who left is not told
17 | COERCE | deed
170 | Coerce | deed
171 | Seize or damage property | deed
1711 | Confiscate property | deed
1712 | Destroy property | deed
172 | Impose administrative sanctions | deed
1721 | Impose restrictions on political freedoms | deed
1722 | Ban political parties or politicians | deed
1723 | Impose curfew | deed
1724 | Impose state of emergency or martial law | deed
173 | Arrest, detain, or charge with legal action | deed
174 | Expel or deport individuals | deed
175 | Use tactics of violent repression | deed
18 | ASSAULT | deed
180 | Use unconventional violence | deed
181 | Abduct, hijack, or take hostage | deed
182 | Physically assault | deed
1821 | Sexually assault | deed
1822 | Torture | deed
1823 | Kill by physical assault | deed
183 | Conduct suicide, car, or other non-military bombing | deed
1831 | Carry out suicide bombing | deed
1832 | Carry out car bombing | deed
1833 | Carry out roadside bombing | deed
184 | Use as human shield | deed
185 | Attempt to assassinate | deed
186 | Assassinate | deed
19 | FIGHT | deed
190 | Use conventional military force | deed
191 | Impose blockade, restrict movement | deed
192 | Occupy territory | deed
193 | fight with small arms and light weapons | deed
194 | fight with artillery and tanks | deed
195 | Employ aerial weapons | deed
196 | Violate ceasefire | deed | of which truce, and who says so, is not told: no claim of a party
20 | USE UNCONVENTIONAL MASS VIOLENCE | deed
200 | Use unconventional mass violence | deed
201 | Engage in mass expulsion | deed
202 | Engage in mass killings | deed
203 | Engage in ethnic cleansing | deed
204 | Use weapons of mass destruction | deed
2041 | Use chemical, biological, or radiological weapons | deed
2042 | Detonate nuclear weapons | deed
"""


def _entries(table: str) -> Iterator[Code]:
    """The rows of a table; one that begins with spaces goes on with the one above it."""
    for line in table.replace("\n    |", " |").strip().splitlines():
        code, name, word, *rest = (cell.strip() for cell in line.split("|"))
        meaning = MEANINGS[word]
        more = rest[0] if rest else ""
        if meaning.event in (PositionStated, ProposalMade):
            yield Code(code, name, meaning, more, meaning.note)
        else:
            yield Code(code, name, meaning, "", more or meaning.note)


CODES: Final[Mapping[str, Code]] = MappingProxyType({each.code: each for each in _entries(_TABLE)})
"""Every code of the codebook, by itself, in the order of the codebook."""
