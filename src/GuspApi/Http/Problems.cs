using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>Every problem the API can give: status, code, sentence.</summary>
internal static class Problems
{
    public static Problem InvalidParameters(IReadOnlyList<ApiError> errors) => new(400, "INVALID_PARAMETERS",
        new("Invalid parameters", "Paramètres invalides"),
        new("Some parameters cannot be understood; see errors.", "Certains paramètres ne peuvent être compris ; voir errors."))
    { Errors = errors };

    public static Problem InvalidBody(Text detail, IReadOnlyList<ApiError>? errors = null) => new(400, "INVALID_BODY",
        new("The body cannot be read", "Le corps de la requête est illisible"), detail)
    { Errors = errors ?? [] };

    public static Problem InvalidHeader(Text detail) => new(400, "INVALID_HEADER",
        new("Invalid header", "En-tête invalide"), detail);

    public static Problem Unauthorized(bool keySent) => new(401, "UNAUTHORIZED",
        new("A valid key is needed", "Une clé valide est nécessaire"),
        keySent
            ? new("The key sent in Authorization is not valid: it is unknown, expired or revoked. Send a valid one, or none on open routes.",
                "La clé envoyée dans Authorization n'est pas valide : inconnue, expirée ou révoquée. Envoyez-en une valide, ou aucune sur les routes ouvertes.")
            : new("Send a key: `Authorization: Bearer <key>`.", "Envoyez une clé : `Authorization: Bearer <clé>`."));

    public static Problem Forbidden() => new(403, "FORBIDDEN",
        new("Not allowed", "Interdit"),
        new("Your key does not allow this. Ask an administrator for one with the right scope.",
            "Votre clé ne le permet pas. Demandez à un administrateur une clé qui en a le droit."));

    public static Problem NotFound(string what, string key) => new(404, "NOT_FOUND",
        new("Not found", "Introuvable"),
        new($"There is no {what} {key} that you may see.", $"Il n'existe pas de {what} {key} que vous puissiez voir."));

    public static Problem NoSuchRoute() => new(404, "NO_SUCH_ROUTE",
        new("No such address", "Adresse inconnue"),
        new("Nothing is served here. /v1 lists the resources, /swagger documents them.",
            "Rien n'est servi ici. /v1 liste les ressources, /swagger les documente."));

    public static Problem MethodNotAllowed() => new(405, "METHOD_NOT_ALLOWED",
        new("Method not allowed", "Méthode non permise"),
        new("This address does not take this method; Allow lists those it takes.",
            "Cette adresse n'accepte pas cette méthode ; Allow donne celles qu'elle accepte."));

    public static Problem NotAcceptable(string available) => new(406, "NOT_ACCEPTABLE",
        new("Format not available", "Format indisponible"),
        new($"This is served as {available}. Change Accept or format.", $"Ceci est servi en {available}. Changez Accept ou format."));

    public static Problem UnsupportedMediaType(string accepted) => new(415, "UNSUPPORTED_MEDIA_TYPE",
        new("Content-Type not taken", "Content-Type non accepté"),
        new($"Send the body as {accepted}.", $"Envoyez le corps en {accepted}."));

    public static Problem TooSlow() => new(408, "TOO_SLOW",
        new("The body came too slowly", "Le corps est arrivé trop lentement"),
        new("The body did not come in time, and nothing of it was kept. Send it again over a better line, or in smaller parts.",
            "Le corps n'est pas arrivé à temps, et rien n'en a été gardé. Renvoyez-le par une meilleure ligne, ou en plus petites parties."));

    public static Problem Conflict(string code, Text detail) => new(409, code, new("Conflict", "Conflit"), detail);

    public static Problem PreconditionFailed(string? currentVersion) => new(412, "PRECONDITION_FAILED",
        new("It has changed", "L'objet a changé"),
        currentVersion is null
            ? new("If-Match names a version, but there is nothing here yet. Create with If-None-Match: *.",
                "If-Match nomme une version, mais il n'y a rien ici encore. Créez avec If-None-Match: *.")
            : new($"The current version is {currentVersion}. Read it again, apply your change to it and send If-Match with its ETag.",
                $"La version actuelle est {currentVersion}. Relisez-la, appliquez-y votre modification et envoyez If-Match avec son ETag."));

    public static Problem PreconditionRequired() => new(428, "PRECONDITION_REQUIRED",
        new("A condition is required", "Une condition est requise"),
        new("Send If-None-Match: * to create, or If-Match with the ETag you read to replace.",
            "Envoyez If-None-Match: * pour créer, ou If-Match avec l'ETag lu pour remplacer."));

    public static Problem TooLarge(long bytes) => new(413, "BODY_TOO_LARGE",
        new("The body is too large", "Le corps est trop grand"),
        new($"At most {bytes} bytes are taken here. Split it, or use /v1/imports.",
            $"Au plus {bytes} octets sont acceptés ici. Découpez, ou passez par /v1/imports."));

    public static Problem RulesBroken(IReadOnlyList<ApiError> errors) => new(422, "RULES_BROKEN",
        new("Rules of the trade are broken", "Des règles métier ne sont pas respectées"),
        new("The request is understood, but what it says is not allowed; see errors.",
            "La requête est comprise, mais ce qu'elle dit n'est pas admis ; voir errors."))
    { Errors = errors };

    public static Problem TargetTooLong(int bytes) => new(414, "TARGET_TOO_LONG",
        new("The address is too long", "L'adresse est trop longue"),
        new($"Path and query have at most {bytes} characters. Ask with fewer values at a time.",
            $"Chemin et paramètres ont au plus {bytes} caractères. Demandez moins de valeurs à la fois."));

    public static Problem HeadersTooLarge(int bytes) => new(431, "HEADERS_TOO_LARGE",
        new("The headers are too large", "Les en-têtes sont trop grands"),
        new($"All headers together have at most {bytes} bytes.", $"Les en-têtes ont ensemble au plus {bytes} octets."));

    public static Problem TooManyRequests(int perSecond) => new(429, "TOO_MANY_REQUESTS",
        new("Too many requests", "Trop de requêtes"),
        new($"At most {perSecond} requests a second are taken. RateLimit tells what is left; a larger limit= needs fewer requests.",
            $"Au plus {perSecond} requêtes par seconde sont acceptées. RateLimit dit ce qui reste ; un plus grand limit= demande moins de requêtes."))
    { RetryAfter = 1 };

    public static Problem TooManyWrongKeys(int perMinute) => new(429, "TOO_MANY_WRONG_KEYS",
        new("Too many wrong keys", "Trop de clés fausses"),
        new($"At most {perMinute} wrong keys a minute are looked up for one address. Mend the job that sends them, and try again in a minute.",
            $"Au plus {perMinute} clés fausses par minute sont cherchées pour une adresse. Corrigez la tâche qui les envoie, et réessayez."))
    { RetryAfter = 60 };

    public static Problem TooManyTransfers(int atOnce) => new(429, "TOO_MANY_TRANSFERS",
        new("Too many files at once", "Trop de fichiers à la fois"),
        new($"At most {atOnce} files at once are taken here from one caller. Wait until one has ended.",
            $"Au plus {atOnce} fichiers à la fois sont acceptés ici d'un même appelant. Attendez que l'un d'eux soit terminé."))
    { RetryAfter = 2 };

    public static Problem TooManyWaiting(int perKey) => new(429, "TOO_MANY_WAITING",
        new("Too many requests wait", "Trop de requêtes en attente"),
        new($"At most {perKey} requests of a key wait at once, and so many of all keys together. Follow the feed with one request at a time.",
            $"Au plus {perKey} requêtes d'une clé attendent à la fois, et toutes clés confondues leur nombre est borné. Suivez le flux avec une requête à la fois."))
    { RetryAfter = 5 };

    public static Problem Busy() => new(503, "BUSY",
        new("Too much at once", "Trop à la fois"),
        new("All places are taken, and so is the queue. Try again shortly.", "Toutes les places sont prises, et la file aussi. Réessayez sous peu."))
    { RetryAfter = 2 };

    public static Problem TookTooLong() => new(503, "TOOK_TOO_LONG",
        new("It took too long", "Trop long"),
        new("The answer was not ready in time. Ask for less: a shorter period, fewer groups, a filter.",
            "La réponse n'a pas été prête à temps. Demandez moins : une période plus courte, moins de groupes, un filtre."))
    { RetryAfter = 10 };

    public static Problem Held() => new(503, "HELD",
        new("Held by another write", "Retenu par une autre écriture"),
        new("Another write, such as an import, holds what this one would change. Nothing was written. Try again shortly.",
            "Une autre écriture, telle qu'un import, retient ce que celle-ci modifierait. Rien n'a été écrit. Réessayez sous peu."))
    { RetryAfter = 5 };

    public static Problem Unavailable() => new(503, "UNAVAILABLE",
        new("Not available for the moment", "Indisponible pour le moment"),
        new("The database does not answer. Try again shortly.", "La base de données ne répond pas. Réessayez sous peu."))
    { RetryAfter = 5 };

    public static Problem Fault() => new(500, "FAULT",
        new("A fault of ours", "Une erreur de notre part"),
        new("The request could not be carried out, and nothing was written. Tell us the requestId.",
            "La requête n'a pu être exécutée, et rien n'a été écrit. Communiquez-nous requestId."));
}
