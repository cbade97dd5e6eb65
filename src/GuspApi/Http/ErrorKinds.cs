using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>
/// Every code of an entry of <c>errors</c>, in a problem or of an import. Rules of the trade say what they say in
/// <see cref="DeclarationFindings"/>; their cure is to mend, or to justify, what they point to.
/// </summary>
internal static class ErrorKinds
{
    private static readonly Text MendRow = new(
        "Mend it in the file of rejects and post that file.", "Corrigez-le dans le fichier des rejets et postez ce fichier.");

    private static readonly Text MendFile = new(
        "Save the file anew as said, and post it again.", "Enregistrez de nouveau le fichier comme indiqué, et renvoyez-le.");

    public static readonly IReadOnlyDictionary<string, ProblemKind> All = Parameters()
        .Concat(Bodies()).Concat(Rows()).Concat(Files()).Concat(Rules())
        .ToDictionary(kind => kind.Code, StringComparer.Ordinal);

    private static ProblemKind Kind(string code, Text cause, Text cure) => new(code, null, cause, cause, cure);

    private static ProblemKind Kind(string code, string causeEn, string causeFr, string cureEn, string cureFr) =>
        Kind(code, new(causeEn, causeFr), new(cureEn, cureFr));

    private static ProblemKind Row(string code, string causeEn, string causeFr) => Kind(code, new(causeEn, causeFr), MendRow);

    private static ProblemKind File(string code, string causeEn, string causeFr) => Kind(code, new(causeEn, causeFr), MendFile);

    private static IEnumerable<ProblemKind> Parameters() =>
    [
        Kind("UNKNOWN_PARAMETER", "There is no parameter of this name here.", "Il n'y a pas de paramètre de ce nom ici.",
            "Use one of those that expected lists.", "Employez l'un de ceux que liste expected."),
        Kind("REPEATED_PARAMETER", "A parameter is given twice.", "Un paramètre est donné deux fois.",
            "Give it once; separate several values by commas.", "Donnez-le une fois ; séparez plusieurs valeurs par des virgules."),
        Kind("INVALID_PARAMETER", "A value is out of form.", "Une valeur est hors forme.",
            "Give what expected describes.", "Donnez ce que décrit expected."),
        Kind("MISSING_PARAMETER", "A parameter is required here.", "Un paramètre est obligatoire ici.", "Give it.", "Donnez-le."),
        Kind("INVALID_CURSOR", "The cursor does not belong to this query.", "Le curseur n'appartient pas à cette requête.",
            "Follow links.next from the first page, with the same filters.",
            "Suivez links.next depuis la première page, avec les mêmes filtres."),
        Kind("CURSOR_AHEAD", "The cursor is ahead of the database, which was restored.",
            "Le curseur est en avance sur la base, qui a été restaurée.",
            "Start anew without after, into an empty copy.", "Recommencez sans after, dans une copie vide."),
        Kind("AS_OF_FUTURE", "asOf is not in the past.", "asOf n'est pas dans le passé.",
            "Give a revision that was, or an instant that is over.", "Donnez une révision passée, ou un instant révolu."),
        Kind("PERIOD_REVERSED", "from is after to.", "from est après to.", "Give both, from first.", "Donnez les deux, from en premier."),
        Kind("FILTER_REQUIRED", "A step for many declarations names none.", "Une étape pour plusieurs déclarations n'en nomme aucune.",
            "Give at least one filter.", "Donnez au moins un filtre."),
        Kind("FILTER_TOO_WIDE", "The filters select too many declarations for one step.",
            "Les filtres retiennent trop de déclarations pour une étape.",
            "Narrow them by landlord, department or year.", "Resserrez-les par landlord, department ou year."),
        Kind("TOO_MANY_DIMENSIONS", "groupBy names more than three dimensions.", "groupBy nomme plus de trois dimensions.",
            "Name three at most.", "Nommez-en trois au plus."),
        Kind("SORT_NOT_GROUPED", "Rows are to be sorted by a dimension that groupBy lacks.",
            "Les lignes sont à trier selon une dimension absente de groupBy.",
            "Add it to groupBy, or sort by a measure.", "Ajoutez-la à groupBy, ou triez selon une mesure."),
        Kind("GEOJSON_WITHOUT_QPV", "Figures that are not by QPV have no contour to be drawn in.",
            "Des chiffres qui ne sont pas par QPV n'ont pas de contour.",
            "Add qpv to groupBy, or ask for another format.", "Ajoutez qpv à groupBy, ou demandez un autre format."),
        Kind("MEASURE_NOT_SPLIT", "The measure has no meaning by axis, theme or line family.",
            "La mesure n'a pas de sens par axe, thème ou famille de ligne.",
            "Leave it out, or group by other dimensions; /v1/indicators/definitions lists them.",
            "Retirez-la, ou groupez autrement ; /v1/indicators/definitions liste les dimensions."),
    ];

    private static IEnumerable<ProblemKind> Bodies() =>
    [
        Kind("MALFORMED_JSON", "The body is not JSON.", "Le corps n'est pas du JSON.",
            "Send JSON (RFC 8259).", "Envoyez du JSON (RFC 8259)."),
        Kind("INVALID_JSON", "A member is not of the type that the contract gives.", "Un membre n'est pas du type que donne le contrat.",
            "Send what the contract describes.", "Envoyez ce que décrit le contrat."),
        Kind("INVALID_TYPE", "A member is of another type.", "Un membre est d'un autre type.",
            "Send what expected describes.", "Envoyez ce que décrit expected."),
        Kind("UNKNOWN_MEMBER", "There is no member of this name here.", "Il n'y a pas de membre de ce nom ici.",
            "Use one of those that expected lists.", "Employez l'un de ceux que liste expected."),
        Kind("NAME_INVALID", "A name is missing, too long or holds control characters.",
            "Un nom est absent, trop long ou contient des caractères de contrôle.",
            "Give a name on one line.", "Donnez un nom sur une ligne."),
        Kind("FAMILY_REQUIRED", "The family of the landlord is missing.", "La famille du bailleur manque.",
            "Give OPH, ESH, COOP, SEM or OTHER.", "Donnez OPH, ESH, COOP, SEM ou OTHER."),
        Kind("YEAR_INVALID", "A year is out of range.", "Une année est hors limites.",
            "Give a year that the message allows.", "Donnez une année que permet le message."),
        Kind("ACTIVE_YEARS_REVERSED", "activeTo is before activeFrom.", "activeTo est avant activeFrom.",
            "Exchange them, or leave one open.", "Échangez-les, ou laissez l'une ouverte."),
        Kind("SUCCESSOR_ITSELF", "The landlord is named as its own successor.", "Le bailleur est nommé comme son propre successeur.",
            "Name another landlord, or null.", "Nommez un autre bailleur, ou null."),
        Kind("SUCCESSOR_UNKNOWN", "No landlord has the SIREN of the successor.", "Aucun bailleur n'a le SIREN du successeur.",
            "Create the successor first.", "Créez d'abord le successeur."),
        Kind("SUCCESSOR_CIRCLE", "The successions would go in a circle.", "Les successions tourneraient en rond.",
            "Undo the earlier succession first.", "Défaites d'abord l'ancienne succession."),
        Kind("COMMUNES_INVALID", "The communes of a QPV are missing or out of form.",
            "Les communes d'un QPV manquent ou sont hors forme.",
            "Give INSEE codes, at least one.", "Donnez des codes INSEE, au moins un."),
        Kind("COMMUNE_UNKNOWN", "No commune has this code.", "Aucune commune n'a ce code.",
            "Check it at /v1/communes.", "Vérifiez-le dans /v1/communes."),
        Kind("SEVERAL_DEPARTMENTS", "The communes are of several départements.", "Les communes sont de plusieurs départements.",
            "A QPV lies in one département.", "Un QPV est dans un seul département."),
        Kind("PREDECESSORS_INVALID", "Predecessors are not codes of the 2015 list, or the QPV is not of the 2024 list.",
            "Les prédécesseurs ne sont pas des codes de la liste de 2015, ou le QPV n'est pas de celle de 2024.",
            "Name QPVs of 2015 for one of 2024 alone.", "Nommez des QPV de 2015 pour un QPV de 2024 seulement."),
        Kind("GEOMETRY_INVALID", "The geometry is no polygon in longitude and latitude.",
            "La géométrie n'est pas un polygone en longitude et latitude.",
            "Send a GeoJSON Polygon or MultiPolygon in WGS 84 with closed rings.",
            "Envoyez un Polygon ou MultiPolygon GeoJSON en WGS 84, aux anneaux fermés."),
        Kind("DWELLINGS_INVALID", "dwellings is missing or out of range.", "dwellings manque ou est hors limites.",
            "Give a whole number from 0 to 1000000.", "Donnez un entier de 0 à 1000000."),
        Kind("ABATED_DWELLINGS_INVALID", "abatedDwellings is greater than dwellings, or negative.",
            "abatedDwellings dépasse dwellings, ou est négatif.",
            "Give 0 to dwellings.", "Donnez de 0 à dwellings."),
        Kind("AMOUNT_INVALID", "An amount is missing or is none.", "Un montant manque ou n'en est pas un.",
            "Give EUR with at most two decimals.", "Donnez des euros avec au plus deux décimales."),
        Kind("ABATEMENT_WITHOUT_METHOD", "The method is NONE, but the abatement is not 0.",
            "La méthode est NONE, mais l'abattement n'est pas 0.",
            "Give 0, or another method.", "Donnez 0, ou une autre méthode."),
        Kind("DAY_INVALID", "A day is missing or out of range.", "Un jour manque ou est hors limites.",
            "Give a day such as 2024-03-31.", "Donnez un jour tel que 2024-03-31."),
        Kind("DAYS_REVERSED", "The days of the campaign are not in order.", "Les jours de la campagne ne sont pas dans l'ordre.",
            "opensOn ≤ dueOn ≤ closesOn.", "opensOn ≤ dueOn ≤ closesOn."),
        Kind("THRESHOLD_REQUIRED", "A threshold of the rule is missing.", "Un seuil de la règle manque.", "Give it.", "Donnez-le."),
        Kind("THRESHOLD_UNKNOWN", "The rule has no minimum.", "La règle n'a pas de minimum.", "Leave it out.", "Retirez-le."),
        Kind("THRESHOLD_OUT_OF_RANGE", "A threshold is out of range.", "Un seuil est hors limites.",
            "Give 0 to 1 000 000, with at most four decimals.", "Donnez de 0 à 1 000 000, avec au plus quatre décimales."),
        Kind("THRESHOLDS_REVERSED", "The minimum is above the maximum.", "Le minimum dépasse le maximum.",
            "Exchange them.", "Échangez-les."),
        Kind("SCOPES_INVALID", "The scopes of a key are missing or unknown.", "Les droits d'une clé manquent ou sont inconnus.",
            "Give one or more of read, declare, review, admin.", "Donnez un ou plusieurs de read, declare, review, admin."),
        Kind("LANDLORDS_INVALID", "A key that declares names no landlord, or another one does.",
            "Une clé qui déclare ne nomme pas de bailleur, ou une autre en nomme.",
            "Name landlords with declare, and only then.", "Nommez des bailleurs avec declare, et seulement alors."),
        Kind("DEPARTMENTS_INVALID", "A key that reviews names no département, or another one does.",
            "Une clé qui instruit ne nomme pas de département, ou une autre en nomme.",
            "Name départements with review, and only then.", "Nommez des départements avec review, et seulement alors."),
        Kind("DEPARTMENT_INVALID", "A code is none of a département.", "Un code n'est pas celui d'un département.",
            "Give codes such as 02 or 59.", "Donnez des codes tels que 02 ou 59."),
        Kind("DEPARTMENT_UNKNOWN", "No département has this code.", "Aucun département n'a ce code.",
            "Check it at /v1/departments.", "Vérifiez-le dans /v1/departments."),
        Kind("EXPIRY_PAST", "expiresAt is past.", "expiresAt est passé.",
            "Give an instant to come, or none.", "Donnez un instant à venir, ou aucun."),
        Kind("OVERLAP_INVALID", "overlapHours is out of range.", "overlapHours est hors limites.",
            "Give 0 to 720.", "Donnez de 0 à 720."),
    ];

    private static IEnumerable<ProblemKind> Rows() =>
    [
        Row("COUNT_INVALID", "A cell is no whole number of dwellings.", "Une cellule n'est pas un nombre entier de logements."),
        Row("CODE_INVALID", "A cell is not a code of this kind.", "Une cellule n'est pas un code de cette nature."),
        Row("VALUE_KIND", "A value is of another kind.", "Une valeur est d'une autre nature."),
        Row("ABATEMENT_METHOD_UNKNOWN", "The method of the abatement is unknown.", "La méthode d'abattement est inconnue."),
        Row("ABATED_ABOVE_DWELLINGS", "There are more abated dwellings than dwellings.",
            "Il y a plus de logements abattus que de logements."),
        Row("ACTIVE_PERIOD", "The landlord would end before it begins.", "Le bailleur finirait avant de commencer."),
        Row("SUCCESSOR_SELF", "A landlord is its own successor.", "Un bailleur est son propre successeur."),
        Row("DUPLICATE_KEY", "Another row of the file has the same key.", "Une autre ligne du fichier a la même clé."),
        Row("LANDLORD_FORBIDDEN", "The key does not declare for this landlord.", "La clé ne déclare pas pour ce bailleur."),
        Row("PREDECESSOR_UNKNOWN", "No QPV has the code of a predecessor.", "Aucun QPV n'a le code d'un prédécesseur."),
        Row("REGION_UNKNOWN", "The région is unknown, and the row does not name it.",
            "La région est inconnue, et la ligne ne la nomme pas."),
        Row("EPCI_UNCERTAIN", "The row does not tell in which EPCI the commune is.", "La ligne ne dit pas dans quel EPCI est la commune."),
        Row("NAME_MISSING", "The row gives no name: the code stands for it.", "La ligne ne donne pas de nom : le code en tient lieu."),
        Row("QUOTES_UNPAIRED", "The quotes of a cell do not pair.", "Les guillemets d'une cellule ne vont pas par paires."),
        Row("ROW_TOO_WIDE", "The row has more cells than the header.", "La ligne a plus de cellules que l'en-tête."),
        Row("CELL_ERROR", "A cell holds an error of the spreadsheet.", "Une cellule contient une erreur du tableur."),
        Row("CELL_NOT_CALCULATED", "A cell holds a formula without its result.", "Une cellule contient une formule sans son résultat."),
    ];

    private static IEnumerable<ProblemKind> Files() =>
    [
        File("EMPTY_FILE", "The file is empty or has no header.", "Le fichier est vide ou sans en-tête."),
        File("FILE_IS_ZIP", "A workbook or an archive is announced as text.", "Un classeur ou une archive est annoncé comme du texte."),
        File("FILE_BINARY", "The file is not text.", "Le fichier n'est pas du texte."),
        File("ENCODING_UNSUPPORTED", "The file is in an encoding that is not read.", "Le fichier est dans un encodage qui n'est pas lu."),
        File("UTF8_INVALID", "The file announces UTF-8 and is not.", "Le fichier s'annonce en UTF-8 et ne l'est pas."),
        File("UTF8_TRUNCATED", "The file is cut in the middle of a character.", "Le fichier est coupé au milieu d'un caractère."),
        File("NUL_CHARACTER", "The file holds a NUL character.", "Le fichier contient un caractère NUL."),
        File("HEADER_UNKNOWN", "No column of the dataset was recognised.", "Aucune colonne du jeu de données n'est reconnue."),
        File("COLUMN_MISSING", "A required column is missing.", "Une colonne obligatoire manque."),
        File("COLUMN_DUPLICATE", "Two columns are the same.", "Deux colonnes sont la même."),
        File("COLUMN_IGNORED", "A column is not known and was ignored.", "Une colonne est inconnue et a été ignorée."),
        File("ROW_TOO_LONG", "A row is too long: a line end or a quote is missing.",
            "Une ligne est trop longue : il manque une fin de ligne ou un guillemet."),
        File("RECORD_TOO_LONG", "An object is too large.", "Un objet est trop grand."),
        File("JSON_INVALID", "The file is not JSON.", "Le fichier n'est pas du JSON."),
        File("JSON_TOO_DEEP", "The JSON is nested too deeply.", "Le JSON est imbriqué trop profondément."),
        File("WORKBOOK_UNREADABLE", "The workbook is damaged, old or has a password.",
            "Le classeur est abîmé, ancien ou protégé par un mot de passe."),
        File("WORKBOOK_TOO_LARGE", "The workbook is too large once inflated.", "Le classeur est trop grand une fois décompressé."),
        File("SHEET_NOT_FOUND", "No sheet has this name.", "Aucune feuille n'a ce nom."),
        File("SHEET_AMBIGUOUS", "Several sheets have the columns of the dataset.",
            "Plusieurs feuilles ont les colonnes du jeu de données."),
    ];

    /// <summary>The rules of the trade, but for those that are problems of their own too.</summary>
    private static IEnumerable<ProblemKind> Rules() =>
        DeclarationFindings.Codes.Where(code => !ProblemKinds.All.ContainsKey(code)).Select(code =>
        Kind(code, DeclarationFindings.MessageOf(code), DeclarationFindings.SeverityOf(code) == Severity.Warning
            ? new("Check the figure, and justify it if it is right.", "Vérifiez le chiffre, et justifiez-le s'il est juste.")
            : new("Mend what pointer, parameter or column names.", "Corrigez ce que nomme pointer, parameter ou column.")));
}
