using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>Every problem the API can give, with its sentence; <see cref="ProblemKinds"/> describes them.</summary>
internal static class Problems
{
    public static Problem InvalidParameters(IReadOnlyList<ApiError> errors) => new("INVALID_PARAMETERS",
        new("Some parameters cannot be understood; see errors.", "Certains paramètres ne peuvent être compris ; voir errors."))
    { Errors = errors };

    public static Problem InvalidBody(Text detail, IReadOnlyList<ApiError>? errors = null) => new("INVALID_BODY", detail)
    { Errors = errors ?? [] };

    public static Problem InvalidHeader(Text detail) => new("INVALID_HEADER", detail);

    public static Problem Unauthorized(bool keySent) => new("UNAUTHORIZED",
        keySent
            ? new("The key sent in Authorization is not valid: it is unknown, expired or revoked. "
                + "Send a valid one, or none on open routes.",
                "La clé envoyée dans Authorization n'est pas valide : inconnue, expirée ou révoquée. Envoyez-en une valide, "
                    + "ou aucune sur les routes ouvertes.")
            : new("Send a key: `Authorization: Bearer <key>`.", "Envoyez une clé : `Authorization: Bearer <clé>`."));

    public static Problem Forbidden() => new("FORBIDDEN",
        new("Your key does not allow this. Ask an administrator for one with the right scope.",
            "Votre clé ne le permet pas. Demandez à un administrateur une clé qui en a le droit."));

    /// <summary>What can be missing, in French.</summary>
    private static readonly Dictionary<string, string> French = new()
    {
        ["region"] = "région",
        ["department"] = "département",
        ["landlord"] = "bailleur",
        ["holding"] = "patrimoine",
        ["declaration"] = "déclaration",
        ["campaign"] = "campagne",
        ["project"] = "projet",
        ["rule"] = "règle",
        ["anomaly"] = "anomalie",
        ["key"] = "clé",
        ["axis"] = "axe",
        ["theme"] = "thème",
        ["problem"] = "problème",
    };

    public static Problem NotFound(string what, string key) => new("NOT_FOUND",
        new(
            $"There is no {what} {key} that you may see.",
            $"Il n'existe pas de {French.GetValueOrDefault(what, what)} {key} que vous puissiez voir."));

    public static Problem NoSuchRoute() => new("NO_SUCH_ROUTE",
        new("Nothing is served here. /v1 lists the resources, /swagger documents them.",
            "Rien n'est servi ici. /v1 liste les ressources, /swagger les documente."));

    public static Problem MethodNotAllowed() => new("METHOD_NOT_ALLOWED",
        new("This address does not take this method; Allow lists those it takes.",
            "Cette adresse n'accepte pas cette méthode ; Allow donne celles qu'elle accepte."));

    public static Problem NotAcceptable(string available) => new("NOT_ACCEPTABLE",
        new($"This is served as {available}. Change Accept or format.", $"Ceci est servi en {available}. Changez Accept ou format."));

    public static Problem UnsupportedMediaType(string accepted) => UnsupportedMediaType(new Text(accepted, accepted));

    public static Problem UnsupportedMediaType(Text accepted) => new("UNSUPPORTED_MEDIA_TYPE",
        new($"Send the body as {accepted.En}.", $"Envoyez le corps en {accepted.Fr}."));

    public static Problem TooSlow() => new("TOO_SLOW",
        new("The body did not come in time, and nothing of it was kept. Send it again over a better line, or in smaller parts.",
            "Le corps n'est pas arrivé à temps, et rien n'en a été gardé. Renvoyez-le par une meilleure ligne, "
                + "ou en plus petites parties."));

    public static Problem Conflict(string code, Text detail) => new(code, detail);

    public static Problem PreconditionFailed(string? currentVersion) => new("PRECONDITION_FAILED",
        currentVersion is null
            ? new("The condition is not met: there is nothing here yet. Create with If-None-Match: *.",
                "La condition n'est pas remplie : il n'y a rien ici encore. Créez avec If-None-Match: *.")
            : new($"The current version is {currentVersion}. Read it again, apply your change to it and send If-Match with its ETag.",
                $"La version actuelle est {currentVersion}. Relisez-la, "
                    + "appliquez-y votre modification et envoyez If-Match avec son ETag."));

    public static Problem PreconditionRequired() => new("PRECONDITION_REQUIRED",
        new("Send If-None-Match: * to create, or If-Match with the ETag you read to replace.",
            "Envoyez If-None-Match: * pour créer, ou If-Match avec l'ETag lu pour remplacer."));

    public static Problem TooLarge(long bytes) => new("BODY_TOO_LARGE",
        new($"At most {bytes} bytes are taken here. Split it, or use /v1/imports.",
            $"Au plus {bytes} octets sont acceptés ici. Découpez, ou passez par /v1/imports."));

    public static Problem RulesBroken(IReadOnlyList<ApiError> errors) => new("RULES_BROKEN",
        new("The request is understood, but what it says is not allowed; see errors.",
            "La requête est comprise, mais ce qu'elle dit n'est pas admis ; voir errors."))
    { Errors = errors };

    public static Problem TargetTooLong(int bytes) => new("TARGET_TOO_LONG",
        new($"Path and query have at most {bytes} characters. Ask with fewer values at a time.",
            $"Chemin et paramètres ont au plus {bytes} caractères. Demandez moins de valeurs à la fois."));

    public static Problem HeadersTooLarge(int bytes) => new("HEADERS_TOO_LARGE",
        new($"All headers together have at most {bytes} bytes.", $"Les en-têtes ont ensemble au plus {bytes} octets."));

    public static Problem TooManyRequests(int perSecond) => new("TOO_MANY_REQUESTS",
        new($"At most {perSecond} requests a second are taken. RateLimit tells what is left; a larger limit= needs fewer requests.",
            $"Au plus {perSecond} requêtes par seconde sont acceptées. RateLimit dit ce qui reste ; "
                + "un plus grand limit= demande moins de requêtes."))
    { RetryAfter = 1 };

    public static Problem TooManyWrongKeys(int perMinute) => new("TOO_MANY_WRONG_KEYS",
        new($"At most {perMinute} wrong keys a minute are looked up for one address. Mend the job that sends them, "
            + "and try again in a minute.",
            $"Au plus {perMinute} clés fausses par minute sont cherchées pour une adresse. "
                + "Corrigez la tâche qui les envoie, et réessayez."))
    { RetryAfter = 60 };

    public static Problem TooManyTransfers(int atOnce) => new("TOO_MANY_TRANSFERS",
        new($"At most {atOnce} files at once are taken here from one caller. Wait until one has ended.",
            $"Au plus {atOnce} fichiers à la fois sont acceptés ici d'un même appelant. Attendez que l'un d'eux soit terminé."))
    { RetryAfter = 2 };

    public static Problem TooManyWaiting(int perKey) => new("TOO_MANY_WAITING",
        new($"At most {perKey} requests of a key wait at once, and so many of all keys together. "
            + "Follow the feed with one request at a time.",
            $"Au plus {perKey} requêtes d'une clé attendent à la fois, et toutes clés confondues leur nombre est borné. "
                + "Suivez le flux avec une requête à la fois."))
    { RetryAfter = 5 };

    public static Problem Busy() => new("BUSY",
        new(
            "All places are taken, and so is the queue. Try again shortly.",
            "Toutes les places sont prises, et la file aussi. Réessayez sous peu."))
    { RetryAfter = 2 };

    public static Problem TookTooLong() => new("TOOK_TOO_LONG",
        new("The answer was not ready in time. Ask for less: a shorter period, fewer groups, a filter.",
            "La réponse n'a pas été prête à temps. Demandez moins : une période plus courte, moins de groupes, un filtre."))
    { RetryAfter = 10 };

    public static Problem Held() => new("HELD",
        new("Another write, such as an import, holds what this one would change. Nothing was written. Try again shortly.",
            "Une autre écriture, telle qu'un import, retient ce que celle-ci modifierait. Rien n'a été écrit. Réessayez sous peu."))
    { RetryAfter = 5 };

    public static Problem Unavailable() => new("UNAVAILABLE",
        new("The database does not answer. Try again shortly.", "La base de données ne répond pas. Réessayez sous peu."))
    { RetryAfter = 5 };

    public static Problem Fault() => new("FAULT",
        new("The request could not be carried out, and nothing was written. Tell us the requestId.",
            "La requête n'a pu être exécutée, et rien n'a été écrit. Communiquez-nous requestId."));
}
