using GuspApi.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace GuspApi.Tests.Database;

public sealed class ModelTests(Api api) : IClassFixture<Api>
{
    [Fact]
    public void No_change_of_the_model_lacks_a_migration()
    {
        using var scope = api.Services.CreateScope();

        Assert.False(scope.ServiceProvider.GetRequiredService<GuspDb>().Database.HasPendingModelChanges());
    }

    /// <summary>Money is exact: a column that is not numeric(14,2) would not be.</summary>
    [Fact]
    public async Task Every_amount_is_numeric_14_2() => Assert.Equal(0, await api.Given.Scalar<long>(
        """
        select count(*) from information_schema.columns
        where table_schema = 'public'
          and (data_type in ('real', 'money') or data_type = 'numeric' and (numeric_precision, numeric_scale) <> (14, 2))
        """));
}
