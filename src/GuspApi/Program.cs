using System.Runtime.InteropServices;
using GuspApi.Auth;
using GuspApi.Database;
using GuspApi.Development;
using GuspApi.Features.Audit;
using GuspApi.Features.Campaigns;
using GuspApi.Features.Changelog;
using GuspApi.Features.Changes;
using GuspApi.Features.Completeness;
using GuspApi.Features.Declarations;
using GuspApi.Features.Holdings;
using GuspApi.Features.Imports;
using GuspApi.Features.Indicators;
using GuspApi.Features.Keys;
using GuspApi.Features.Landing;
using GuspApi.Features.Landlords;
using GuspApi.Features.Me;
using GuspApi.Features.Nomenclature;
using GuspApi.Features.ProblemPages;
using GuspApi.Features.Projects;
using GuspApi.Features.Qpvs;
using GuspApi.Features.Reports;
using GuspApi.Features.Rules;
using GuspApi.Features.Territories;
using GuspApi.Http;
using Npgsql;

using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    await using var postgres = await StartUp.FindDatabaseAsync(builder.Configuration, stop.Token);
    var settings = StartUp.Read(builder, postgres);
    if (KeyCommand.IsAsked(args))
        return await KeyCommand.RunAsync(args, settings.ConnectionString, stop.Token);
    if (FigureCommand.IsAsked(args))
        return await FigureCommand.RunAsync(args, settings.ConnectionString, stop.Token);
    var limits = Limits.Read(builder.Configuration);
    builder.WebHost.ConfigureKestrel(Limits.Configure);

    // Services
    builder.Services.AddGuspDatabase(settings.ConnectionString);
    builder.Services.AddScoped<Snapshot>();
    builder.Services.AddSingleton<AnswerCache>();
    builder.Services.AddTransient<Listing>();
    builder.Services.AddTransient<ObjectVersions>();
    builder.Services.AddSingleton<LongPoll>();
    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddHttpContextAccessor();
    // What cannot be bound comes to the pipeline as an exception that tells where, in every environment.
    builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
    builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
    builder.Services.AddCallers(builder.Configuration, settings.BootstrapKey, settings.DevelopmentKey);
    builder.Services.AddAuthorization(policies => Policies.Configure(policies, settings.OpenData));
    builder.Services.AddCors();
    builder.Services.AddCompression();
    limits.AddTo(builder.Services);
    builder.Services.AddHealthChecks().AddCheck<DatabaseCheck>("database");
    builder.Services.AddImports();
    builder.Services.AddContract();

    var app = builder.Build();

    // Pipeline: problems stand before authentication, so that 401 and 403 have a body too; limits before whatever costs.
    if (limits.KnownProxies.Count > 0)
        app.UseForwardedHeaders();
    app.UseRequestId();
    app.UseResponseCompression();
    app.Use(SecurityHeaders.AddTo);
    app.UseProblems();
    app.Use(Limits.RefuseOversized);
    app.Use(Head.AnswerAsync);
    app.UseRouting();
    app.Use(Deprecated.Tell);
    app.UseReadingFromAnywhere();
    app.UseAuthentication();
    app.Use(app.Services.GetRequiredService<RateLimits>().LimitAsync);
    app.UseContract();
    app.UseRoutingRefusals();
    app.UseBadKeyRefusal();
    app.UseAuthorization();
    app.UseRequestTimeouts();
    app.UseWhen(http => http.Request.Path.StartsWithSegments("/v1"),
        v1 => v1.Use(app.Services.GetRequiredService<AnswerCache>().TellAsync));

    // Routes
    app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous().DisableRateLimiting();
    app.MapHealthChecks("/health/ready").AllowAnonymous().DisableRateLimiting();
    var api = app.MapGroup("/v1").AddEndpointFilterFactory(RequestFilter.Create)
        .AddEndpointFilter(app.Services.GetRequiredService<LongPoll>().WaitAsync)
        .AddEndpointFilter(app.Services.GetRequiredService<AnswerCache>().AnswerAsync)
        .AddEndpointFilter(app.Services.GetRequiredService<Admission>().EnterAsync).AddEndpointFilter(Snapshot.OpenAsync);
    limits.GiveUploadsTime(api);
    app.MapStartPage();
    api.MapLanding();
    api.MapDeclarations();
    api.MapRules();
    api.MapTerritories();
    api.MapNomenclature();
    api.MapLandlords();
    api.MapQpvs();
    api.MapHoldings();
    api.MapCampaigns();
    api.MapCompleteness();
    api.MapProjects();
    api.MapIndicators();
    api.MapReports();
    api.MapImports();
    api.MapKeys();
    api.MapMe();
    api.MapAudit();
    api.MapChanges();
    api.MapProblems();
    api.MapChangelog();

    await DatabaseSetup.MigrateAsync(app.Services, stop.Token);
    if (settings.Demo)
        await DemoData.LoadAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), stop.Token);
    app.Lifetime.ApplicationStarted.Register(() => StartUp.Announce(app.Urls, settings));
    await app.RunAsync(stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (Exception fault) when (StartUp.Explain(fault) is not null)
{
    Console.Error.WriteLine($"GuspApi cannot start. {StartUp.Explain(fault)}");
    return 1;
}

// A signal during start-up, too, stops a private PostgreSQL before it ends the process.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

/// <summary>The program; public for the tests that start it.</summary>
public partial class Program;
