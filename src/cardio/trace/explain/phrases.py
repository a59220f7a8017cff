"""The words of explanations, in English and French."""

from collections.abc import Mapping
from dataclasses import dataclass

from cardio.iso7816.status import StatusWord
from cardio.locale import Language, say

_EN = {
    "size": "{n} {n:byte|bytes}",
    "masked": "{size} masked",
    "unreadable": "not a command ({size}, masked)",
    "unknown": "instruction {ins:02X} of class {cla:02X}",
    "chained": "more to come",
    "channel": "channel {number}",
    "secured": "secure messaging",
    "select.name": "SELECT application {name}",
    "select.path": "SELECT by path {name}",
    "select.parent": "SELECT parent DF",
    "select.child": "SELECT child DF {name}",
    "select.ef": "SELECT EF {name}",
    "select.file": "SELECT file {name}",
    "select.master": "SELECT MF",
    "wanted.fci": "FCI wanted",
    "wanted.fcp": "FCP wanted",
    "wanted.fmd": "FMD wanted",
    "wanted.nothing": "nothing wanted",
    "read": "READ BINARY {size} from offset {offset}",
    "read.short": "READ BINARY {size} from offset {offset} of file {name}",
    "read.long": "READ BINARY (offset in data)",
    "read.record": "READ RECORD {number}",
    "update": "UPDATE BINARY from offset {offset}, {data}",
    "response": "GET RESPONSE {size}",
    "get": "GET DATA {what}",
    "put": "PUT DATA, {data}",
    "get.tag": "of tag {tag:04X}",
    "sdo.pin": "PIN {number}",
    "sdo.private": "RSA private key {number}",
    "sdo.public": "RSA public key {number}",
    "sdo.environment": "security environment {number}",
    "sdo.symmetric": "symmetric key set {number}",
    "sdo.other": "object {number} of class {kind:02X}",
    "part.docp": "tries and access rules",
    "part.contents": "contents",
    "part.other": "tag {tag:X}",
    "verify.status": "VERIFY status of PIN {number} (spends no try)",
    "verify": "VERIFY PIN {number}, {data}",
    "change": "CHANGE REFERENCE DATA of PIN {number}, {data}",
    "reset": "RESET RETRY COUNTER of PIN {number}, {data}",
    "nodata": "no data",
    "mse.set": "MSE SET {template}: {references}",
    "mse.restore": "MSE RESTORE security environment {number}",
    "mse.other": "MANAGE SECURITY ENVIRONMENT",
    "mse.key": "key {value}",
    "mse.algorithm": "algorithm {value}",
    "mse.usage": "usage {value}",
    "pso.sign": "PSO compute digital signature",
    "pso.hash": "PSO hash",
    "pso.decipher": "PSO decipher",
    "pso.other": "PERFORM SECURITY OPERATION {p1:02X} {p2:02X}",
    "internal": "INTERNAL AUTHENTICATE",
    "external": "EXTERNAL or MUTUAL AUTHENTICATE, {data}",
    "challenge": "GET CHALLENGE {size}",
    "channel.open": "MANAGE CHANNEL: open",
    "channel.close": "MANAGE CHANNEL: close {number}",
    "generate": "GENERATE KEY PAIR, {data}",
    "with": "{command}, {size} in",
    "answer.none": "no answer",
    "answer.fetch": "{size} to fetch",
    "answer.exact": "wrong Le, {size} available",
    "answer.ok": "OK",
    "answer.status": "{text} ({status})",
    "answer.verified": "verified already",
    "tries": "{left} {left:try|tries} left",
    "tries.of": "{left} {left:try|tries} left of {maximum}",
    "fcp.ef": "FCP of an EF",
    "fcp.df": "FCP of a DF",
    "fcp.fid": "{kind}, {fid:04X}",
    "fcp.size": "{kind}, size {size}",
    "control": "to the reader: command {code:08X}, {size}",
    "pad": "PIN pad: {command}",
    "pad.timeout": "nobody typed in time",
    "pad.cancelled": "cancelled on the pad",
    "pad.mismatch": "the new PIN was typed in two ways",
    "pad.length": "too few or too many digits",
}

_FR = {
    "size": "{n} {n:octet|octets}",
    "masked": "{size} de données masquées",
    "unreadable": "pas une commande ({size}, tout est masqué)",
    "unknown": "instruction {ins:02X} de classe {cla:02X}",
    "chained": "suite à venir",
    "channel": "canal {number}",
    "secured": "messagerie sécurisée",
    "select.name": "SELECT de l'application {name}",
    "select.path": "SELECT par le chemin {name}",
    "select.parent": "SELECT du DF parent",
    "select.child": "SELECT du DF fils {name}",
    "select.ef": "SELECT de l'EF {name}",
    "select.file": "SELECT du fichier {name}",
    "select.master": "SELECT du MF",
    "wanted.fci": "FCI demandé",
    "wanted.fcp": "FCP demandé",
    "wanted.fmd": "FMD demandé",
    "wanted.nothing": "rien de demandé",
    "read": "READ BINARY de {size} à partir de {offset}",
    "read.short": "READ BINARY de {size} à partir de {offset} du fichier {name}",
    "read.long": "READ BINARY (position dans les données)",
    "read.record": "READ RECORD {number}",
    "update": "UPDATE BINARY à partir de {offset}, {data}",
    "response": "GET RESPONSE de {size}",
    "get": "GET DATA {what}",
    "put": "PUT DATA, {data}",
    "get.tag": "du tag {tag:04X}",
    "sdo.pin": "code {number}",
    "sdo.private": "clé privée RSA {number}",
    "sdo.public": "clé publique RSA {number}",
    "sdo.environment": "environnement de sécurité {number}",
    "sdo.symmetric": "jeu de clés symétriques {number}",
    "sdo.other": "objet {number} de classe {kind:02X}",
    "part.docp": "essais et règles d'accès",
    "part.contents": "contenu",
    "part.other": "tag {tag:X}",
    "verify.status": "VERIFY : état du code {number} (sans consommer d'essai)",
    "verify": "VERIFY du code {number}, {data}",
    "change": "CHANGE REFERENCE DATA du code {number}, {data}",
    "reset": "RESET RETRY COUNTER du code {number}, {data}",
    "nodata": "sans données",
    "mse.set": "MSE SET {template} : {references}",
    "mse.restore": "MSE RESTORE de l'environnement de sécurité {number}",
    "mse.other": "MANAGE SECURITY ENVIRONMENT",
    "mse.key": "clé {value}",
    "mse.algorithm": "algorithme {value}",
    "mse.usage": "usage {value}",
    "pso.sign": "PSO : calcul de signature",
    "pso.hash": "PSO : hachage",
    "pso.decipher": "PSO : déchiffrement",
    "pso.other": "PERFORM SECURITY OPERATION {p1:02X} {p2:02X}",
    "internal": "INTERNAL AUTHENTICATE",
    "external": "EXTERNAL ou MUTUAL AUTHENTICATE, {data}",
    "challenge": "GET CHALLENGE de {size}",
    "channel.open": "MANAGE CHANNEL : ouverture",
    "channel.close": "MANAGE CHANNEL : fermeture de {number}",
    "generate": "GENERATE KEY PAIR, {data}",
    "with": "{command}, {size} en entrée",
    "answer.none": "pas de réponse",
    "answer.fetch": "{size} à chercher",
    "answer.exact": "Le faux, disponible : {size}",
    "answer.ok": "OK",
    "answer.status": "{text} ({status})",
    "answer.verified": "déjà présenté",
    "tries": "essais restants : {left}",
    "tries.of": "essais restants : {left} sur {maximum}",
    "fcp.ef": "FCP d'un EF",
    "fcp.df": "FCP d'un DF",
    "fcp.fid": "{kind}, {fid:04X}",
    "fcp.size": "{kind}, taille {size}",
    "control": "au lecteur : commande {code:08X}, {size}",
    "pad": "clavier du lecteur : {command}",
    "pad.timeout": "personne n'a tapé à temps",
    "pad.cancelled": "annulé au clavier du lecteur",
    "pad.mismatch": "le nouveau code a été tapé de deux façons",
    "pad.length": "trop ou trop peu de chiffres",
}

PHRASES: Mapping[Language, Mapping[str, str]] = {"en": _EN, "fr": _FR}

STATUS_FR = {
    0x6200: "avertissement, mémoire inchangée",
    0x6281: "une partie des données peut être altérée",
    0x6282: "fin du fichier avant Le octets",
    0x6283: "fichier sélectionné désactivé",
    0x6285: "fichier sélectionné en fin de vie",
    0x6300: "avertissement, mémoire modifiée",
    0x6400: "erreur d'exécution, mémoire inchangée",
    0x6500: "erreur d'exécution, mémoire modifiée",
    0x6581: "défaut de mémoire",
    0x6700: "longueur fausse",
    0x6881: "canal logique non géré",
    0x6882: "messagerie sécurisée non gérée",
    0x6883: "dernière commande de la chaîne attendue",
    0x6884: "chaînage de commandes non géré",
    0x6900: "commande interdite",
    0x6981: "commande incompatible avec la structure du fichier",
    0x6982: "droits de sécurité insuffisants",
    0x6983: "code bloqué",
    0x6984: "donnée de référence inutilisable",
    0x6985: "conditions d'utilisation non remplies",
    0x6986: "pas d'EF courant",
    0x6987: "objets de messagerie sécurisée absents",
    0x6988: "objets de messagerie sécurisée incorrects",
    0x6A80: "paramètres incorrects dans les données",
    0x6A81: "fonction non gérée",
    0x6A82: "fichier ou application introuvable",
    0x6A83: "enregistrement introuvable",
    0x6A84: "pas assez de place dans le fichier",
    0x6A86: "paramètres P1-P2 incorrects",
    0x6A87: "Lc incohérent avec P1-P2",
    0x6A88: "donnée désignée introuvable",
    0x6A89: "le fichier existe déjà",
    0x6A8A: "le nom de DF existe déjà",
    0x6B00: "paramètres P1-P2 faux",
    0x6D00: "instruction non gérée",
    0x6E00: "classe non gérée",
    0x6F00: "sans diagnostic précis",
    0x9000: "succès",
}
"""ISO/IEC 7816-4:2020 tables 5 and 6; the English is `StatusWord.text`."""

_CATEGORY_FR = {
    "success": "succès",
    "more data": "données à chercher",
    "warning": "avertissement",
    "execution error": "erreur d'exécution",
    "checking error": "erreur de contrôle",
    "proprietary": "propriétaire",
}

CPS2TER_STATUS: Mapping[int, tuple[str, str]] = {
    0x9240: ("corrupt file header", "en-tête de fichier altéré"),
    0x9402: ("bad address or wrong kind of file", "adresse fausse ou mauvaise sorte de fichier"),
    0x9404: ("file not found", "fichier introuvable"),
    0x9408: ("bad address or wrong kind of file", "adresse fausse ou mauvaise sorte de fichier"),
    0x9802: ("PIN not active", "code non actif"),
    0x9804: ("wrong PIN", "code faux"),
    0x9808: ("PIN invalidated", "code invalidé"),
    0x9810: ("file invalidated", "fichier invalidé"),
    0x9840: ("PIN blocked", "code bloqué"),
}
"""Status words of the class-A0 commands, English and French (facts: cps.md §2.3)."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says phrases in one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        return say(self.language, PHRASES[self.language][key], values)

    def size(self, count: int) -> str:
        """A number of bytes."""
        return self("size", n=count)

    def status(self, status: StatusWord, *, cps2ter: bool) -> str:
        """What a status word means, with its number."""
        tries = status.tries_left
        if tries is not None:
            text = self("tries", left=tries)
        elif cps2ter and status.value in CPS2TER_STATUS:
            text = CPS2TER_STATUS[status.value][self.language == "fr"]
        elif self.language == "fr":
            text = STATUS_FR.get(status.value, _CATEGORY_FR[status.category.value])
        else:
            text = status.text
        return self("answer.status", text=text, status=status)
