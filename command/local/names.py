"""What the made-up hospitality company is made of: names as its staff write them, titles, departments, units.

Names outside the Latin alphabet come with the spelling that their e-mail address uses.
"""

FIRST_NAMES = (
    "María", "José", "Lucía", "Íñigo", "Begoña", "Álvaro", "Núria", "Martí", "Uxía", "Ainhoa",
    "Olivia", "Liam", "Siobhán", "Callum", "Niamh", "Rhys", "Isla", "Ethan", "Priya", "Omar",
    "João", "Inês", "Tomás", "Conceição", "Zoé", "François", "Chloé", "Loïc", "Anaïs", "Benoît",
    "Jürgen", "Käthe", "Björn", "Lotte", "Giulia", "Niccolò", "Chiara", "Łukasz", "Małgorzata", "Paweł",
    "Zoë", "Sven", "Åsa", "Søren", "Aslı", "Çağla", "Emre", "Yusuf", "Fatima", "Nguyễn",  # noqa: RUF001 - Turkish
    "Dragoș", "Ioana", "Šárka", "Jiří", "Zsófia", "Gergő", "Kwame", "Amara", "Mei", "Hiroshi",
)  # fmt: skip

LAST_NAMES = (
    "García", "Muñoz", "Ibáñez", "Etxeberria", "Castro Núñez", "de la Fuente", "Puig", "López", "Sánchez", "Ruiz",
    "O'Brien", "Smith", "Evans", "MacLeod", "Okafor", "Patel", "Khan", "Taylor-Jones", "Brown", "Nkosi",
    "Silva", "Gonçalves", "dos Santos", "Lefèvre", "D'Arcy", "Côté", "Müller", "Groß", "Schröder", "Weiß",
    "Rossi", "Dell'Acqua", "Esposito", "Kowalski", "Wiśniewska", "Dąbrowski", "Jensen", "Lindström", "Ødegård",
    "Van der Berg", "Yılmaz", "Çelik", "Haddad", "El Amrani", "Trần", "Popescu", "Ionescu", "Dvořák", "Szabó",  # noqa: RUF001 - Turkish
    "Nagy", "Mensah", "Adeyemi", "Li", "Tanaka", "Ramírez", "Ortega", "Moreno", "Vidal", "Serrano",
)  # fmt: skip

OTHER_ALPHABETS = (
    ("Георги", "Димитров", ("georgi", "dimitrov")),
    ("Оксана", "Шевченко", ("oksana", "shevchenko")),
    ("Ελένη", "Παπαδοπούλου", ("eleni", "papadopoulou")),
    ("美咲", "佐藤", ("misaki", "sato")),
    ("伟", "王", ("wei", "wang")),
    ("ليلى", "حداد", ("layla", "haddad")),
    ("민준", "김", ("minjun", "kim")),
    ("Νίκος", "Αγγελόπουλος", ("nikos", "angelopoulos")),
)

NOT_DECOMPOSED = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ı": "i"})  # noqa: RUF001 - Turkish

JOB_TITLES = (
    "Waiter", "Head Waiter", "Bartender", "Barista", "Sommelier", "Chef de Partie", "Sous Chef", "Head Chef",
    "Commis Chef", "Kitchen Porter", "Receptionist", "Night Auditor", "Concierge", "Front Office Manager",
    "Housekeeper", "Head Housekeeper", "Spa Therapist", "Lifeguard", "Maintenance Technician", "Events Coordinator",
    "Revenue Manager", "Restaurant Manager", "Hotel Manager", "Payroll Specialist",
)  # fmt: skip
LATE_JOB_TITLE = "Sustainability Lead"

DEPARTMENTS = (
    "Restaurant", "Bar", "Kitchen", "Front Office", "Housekeeping", "Spa & Wellness", "Maintenance", "Events",
    "Revenue", "Human Resources", "Finance",
)  # fmt: skip
LATE_DEPARTMENT = "Rooftop Terrace"

BUSINESS_UNITS = (
    ("BU-101", "Hotel Miramar, Málaga"),
    ("BU-102", "Hotel Puerta del Sol, Madrid"),
    ("BU-103", "Casa Lumbre, Sevilla"),
    ("BU-104", "Hotel Arrecife, Lanzarote"),
    ("BU-201", "The Lighthouse, Brighton"),
    ("BU-202", "Quayside Inn, Bristol"),
    ("BU-203", "The Tartan Fox, Edinburgh"),
    ("BU-301", "Hôtel des Arcades, Lyon"),
    ("BU-302", "Brasserie Vauban, Lille"),
    ("BU-401", "Gasthof Lindenhof, Köln"),
    ("BU-501", "Palácio do Rio, Porto"),
    ("BU-900", "Head Office"),
)

DOMAIN = "harbour-hotels.example.com"
PRIVATE_DOMAIN = "mail.example.org"
