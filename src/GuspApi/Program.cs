using GuspApi.Auth;
using GuspApi.Database;
using GuspApi.Features.Landing;
using GuspApi.Http;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = Pipeline.BodyLimit;
});

// Services
builder.Services.AddGuspDatabase(builder.Configuration.GetConnectionString("Gusp") ?? throw new InvalidOperationException("ConnectionStrings__Gusp is not set."));
builder.Services.AddScoped<Snapshot>();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddHttpContextAccessor();
builder.Services.AddScoped(services => Caller.From(services.GetRequiredService<IHttpContextAccessor>().HttpContext!.User));
builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
builder.Services.AddAuthentication("Bearer").AddScheme<KeyOptions, KeyAuthentication>("Bearer", keys => keys.BootstrapKey = builder.Configuration["Gusp:BootstrapKey"]);
builder.Services.AddAuthorization(policies => Policies.Configure(policies, builder.Configuration.GetValue("Gusp:OpenData", true)));
builder.Services.AddHealthChecks();
builder.Services.AddEndpointsApiExplorer();
builder.Services.AddSwaggerGen();

var app = builder.Build();

// Pipeline: problems stand before authentication, so that 401 and 403 have a body too.
app.UseRequestId();
app.UseProblems();
app.UseRouting();
app.UseAuthentication();
app.UseBadKeyRefusal();
app.UseAuthorization();
app.UseSwagger();
app.UseSwaggerUI();

// Routes
app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous();
app.MapHealthChecks("/health/ready").AllowAnonymous();
var api = app.MapGroup("/v1").AddEndpointFilterFactory(RequestFilter.Create).AddEndpointFilter(Snapshot.OpenAsync);
api.MapLanding();
app.MapFallback(() => Problems.NoSuchRoute()).AllowAnonymous().ExcludeFromDescription();

await DatabaseSetup.MigrateAsync(app.Services, CancellationToken.None);
await app.RunAsync();

/// <summary>The program; public for the tests that start it.</summary>
public partial class Program;
