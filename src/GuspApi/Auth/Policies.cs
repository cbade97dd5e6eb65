using Microsoft.AspNetCore.Authorization;

namespace GuspApi.Auth;

/// <summary>The policies of routes. What a caller may do to one object is decided with the object in hand.</summary>
internal static class Policies
{
    /// <summary>Open data: anyone, unless <c>Gusp__OpenData=false</c>.</summary>
    public const string Open = "open";

    /// <summary>Any key: validated declarations with lines, holdings.</summary>
    public const string Read = "read";
    public const string Declare = "declare";
    public const string Review = "review";
    public const string Admin = "admin";

    /// <summary>Landlords and reviewers, each in its own perimeter, and admin.</summary>
    public const string Perimeter = "perimeter";

    public static void Configure(AuthorizationOptions options, bool openData)
    {
        options.AddPolicy(Open, policy => policy.RequireAssertion(context => openData || Caller.From(context.User).SeesLines));
        options.AddPolicy(Read, policy => policy.RequireAuthenticatedUser()
            .RequireAssertion(context => Caller.From(context.User).SeesLines));
        options.AddPolicy(Declare, policy => policy.RequireAuthenticatedUser().RequireClaim("scope", "declare", "admin"));
        options.AddPolicy(Review, policy => policy.RequireAuthenticatedUser().RequireClaim("scope", "review", "admin"));
        options.AddPolicy(Perimeter, policy => policy.RequireAuthenticatedUser().RequireClaim("scope", "declare", "review", "admin"));
        options.AddPolicy(Admin, policy => policy.RequireAuthenticatedUser().RequireClaim("scope", "admin"));
        // A route that names no policy is closed to all but admin: none is open by omission.
        options.FallbackPolicy = options.GetPolicy(Admin);
    }

    /// <summary>Who a policy lets pass, for the contract.</summary>
    public static string Explain(string? policy) => policy switch
    {
        Open => "Open data: no key is needed, unless the operator asks for one.",
        Read => "For any key.",
        Declare => "For keys with the scope `declare` (or `admin`).",
        Review => "For keys with the scope `review` (or `admin`).",
        Perimeter => "For keys with the scope `declare` or `review`, each in its own perimeter (or `admin`).",
        _ => "For keys with the scope `admin`.",
    };
}
