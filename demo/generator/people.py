"""Invented people. Telephone numbers are Ofcom's ranges for drama, mail domains are reserved (RFC 2606)."""

from datetime import date, timedelta

import numpy as np

from demo.records import Address

FIRST_NAMES = """
Aisha Alfie Amelia Amir Anna Archie Arthur Ava Ben Beatrice Callum Cerys Charlotte Chloe Daniel David Devon Dylan
Edith Eleanor Elif Ella Emily Ethan Evie Farah Finlay Florence Freya George Grace Hannah Harriet Harry Hassan Holly
Ibrahim Imogen Isaac Isla Ivy Jack Jade James Jasmine Joseph Kai Katie Kofi Laila Leah Leo Lewis Lily Louis Lucy
Maisie Marcus Maryam Matilda Megan Mia Mohammed Nadia Naomi Nathan Niamh Noah Nora Oliver Olivia Omar Orla Oscar
Owen Poppy Priya Rafael Reuben Rhys Rosa Ruby Rupert Samuel Sanjay Sean Sienna Simone Sofia Stanley Tariq Teresa
Theo Thomas Tilly Uma Victor Wendy William Yasmin Yusuf Zac Zara Zoe
""".split()
LAST_NAMES = """
Abbott Adeyemi Ahmed Akhtar Allen Anderson Armstrong Bailey Banerjee Barker Barnes Begum Bell Bennett Brooks Butler
Campbell Carter Chapman Chen Clarke Cole Collins Cooper Cox Davies Dawson Dixon Doyle Edwards Ellis Evans Fernandes
Fisher Fletcher Foster Fraser Gallagher Gibson Gordon Grant Gray Griffiths Gupta Hall Hamilton Harris Harvey Hill
Holmes Howard Hughes Hussain Jackson James Johnston Jones Kaur Kelly Khan King Knight Kowalski Lewis Lloyd MacDonald
Marshall Mason Matthews Mendes Mensah Mills Mitchell Moore Morgan Morris Murphy Murray Nowak Okafor Owen Palmer
Parker Patel Pearce Phillips Powell Price Quinn Rahman Reid Reynolds Richards Roberts Robinson Rogers Russell Shah
Sharma Shaw Singh Sinclair Smith Spencer Stevens Stewart Sutton Taylor Thomson Turner Walker Walsh Ward Watson Webb
West White Wilkinson Williams Wilson Wood Wright Young
""".split()
STREETS = """
Acorn Ashgrove Beacon Birch Bramble Bridge Brook Canal Castle Cedar Chapel Church Claremont Copper Cross Elm Fern
Garden Glebe Harbour Hawthorn Hazel High Hollow Juniper Kiln Lark Laurel Lime Maple Market Meadow Mill North Orchard
Park Poplar Priory Quarry Queen Rectory River Rowan School Spring Station Thistle Vale Victoria Walnut Well Willow
""".split()
ENDINGS = ("Street", "Road", "Lane", "Avenue", "Close", "Way", "Terrace", "Gardens")
#: Each city with the letters of its postcodes and its range of numbers for drama.
CITIES: tuple[tuple[str, str, str], ...] = (
    ("London", "SE", "+44207946"),
    ("Leeds", "LS", "+44113496"),
    ("Sheffield", "S", "+44114496"),
    ("Nottingham", "NG", "+44115496"),
    ("Leicester", "LE", "+44116496"),
    ("Bristol", "BS", "+44117496"),
    ("Reading", "RG", "+44118496"),
    ("Birmingham", "B", "+44121496"),
    ("Edinburgh", "EH", "+44131496"),
    ("Glasgow", "G", "+44141496"),
    ("Liverpool", "L", "+44151496"),
    ("Manchester", "M", "+44161496"),
)
MAIL_DOMAINS = ("example.com", "example.org", "example.net")


def phone(index: int) -> str:
    """A number nobody has: the first thousand are mobiles, then the cities' ranges; distinct up to 13,000."""
    block, number = divmod(index, 1000)
    if block == 0:
        return f"+447700900{number:03d}"
    return f"{CITIES[(block - 1) % len(CITIES)][2]}0{number:03d}"


def name(rng: np.random.Generator) -> tuple[str, str]:
    first = FIRST_NAMES[int(rng.integers(len(FIRST_NAMES)))]
    return first, LAST_NAMES[int(rng.integers(len(LAST_NAMES)))]


def email(first: str, last: str, index: int, rng: np.random.Generator) -> str:
    """An address that no other customer has: the index is in it."""
    domain = MAIL_DOMAINS[int(rng.integers(len(MAIL_DOMAINS)))]
    shapes = (f"{first}.{last}{index}", f"{first[0]}{last}{index}", f"{last}.{first}.{index}")
    return f"{shapes[int(rng.integers(len(shapes)))].lower()}@{domain}"


def address(rng: np.random.Generator) -> Address:
    city, area, _ = CITIES[int(rng.integers(len(CITIES)))]
    street = f"{STREETS[int(rng.integers(len(STREETS)))]} {ENDINGS[int(rng.integers(len(ENDINGS)))]}"
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    inward = f"{rng.integers(1, 10)}{letters[int(rng.integers(20))]}{letters[int(rng.integers(20))]}"
    return Address(f"{rng.integers(1, 180)} {street}", city, f"{area}{rng.integers(1, 20)} {inward}")


def birth_date(today: date, rng: np.random.Generator) -> date:
    """Between 18 and 90 years old, most in the middle."""
    years = 18 + 72 * float(rng.beta(2.0, 3.0))
    return today - timedelta(days=round(years * 365.25) + 1)
