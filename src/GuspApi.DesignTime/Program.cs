using GuspApi.Database;
using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

return;

/// <summary>The context `dotnet ef` works on; it compares models and never opens a connection.</summary>
internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<GuspDb>
{
    public GuspDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<GuspDb>();
        DatabaseSetup.Configure(options, DatabaseSetup.DataSource("Host=localhost;Database=gusp"));
        return new GuspDb(options.Options);
    }
}
