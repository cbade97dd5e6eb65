using GuspApi.Benchmarks;

// dotnet run -c Release --project tests/GuspApi.Benchmarks -- [lines, 100000 unless said]
var lines = args.Length > 0 ? int.Parse(args[0]) : 100_000;
await ImportBenchmark.RunAsync(lines, CancellationToken.None);
