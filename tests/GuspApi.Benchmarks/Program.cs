using GuspApi.Benchmarks;

// dotnet run -c Release --project tests/GuspApi.Benchmarks -- [lines of the import, 100000 unless said | overload | writes | table [S|M|L]
// [--peers] [rows]]
if (args is ["overload"])
    await OverloadBenchmark.RunAsync(CancellationToken.None);
else if (args is ["writes"])
    await WriteBenchmark.RunAsync(CancellationToken.None);
else if (args is ["table", ..])
    await Table.RunAsync(args[1..], CancellationToken.None);
else
    await ImportBenchmark.RunAsync(args.Length > 0 ? int.Parse(args[0]) : 100_000, CancellationToken.None);
