namespace GuspApi.Development;

/// <summary>Shares a whole number out so that the parts add up to it exactly.</summary>
internal static class Apportionment
{
    /// <summary>Largest remainder: each part is its quota rounded down, and what is left goes to the largest fractions.</summary>
    public static long[] Share(long total, IReadOnlyList<long> weights)
    {
        var sum = weights.Aggregate(Int128.Zero, (all, weight) => all + weight);
        if (sum == 0)
            return new long[weights.Count];

        var parts = weights.Select(weight => (long)(total * (Int128)weight / sum)).ToArray();
        var left = (int)(total - parts.Sum());
        var largest = Enumerable.Range(0, weights.Count).OrderByDescending(i => total * (Int128)weights[i] % sum).ThenBy(i => i).Take(left);
        foreach (var i in largest)
            parts[i]++;
        return parts;
    }

    /// <summary>
    /// A table whose rows and columns add up to what is asked (both to the same sum). Each row is shared out in proportion to what
    /// the columns still lack, so that the last row takes exactly what is left.
    /// </summary>
    public static long[][] Table(IReadOnlyList<long> rows, IReadOnlyList<long> columns)
    {
        var lacking = columns.ToArray();
        var table = new long[rows.Count][];
        for (var row = 0; row < rows.Count; row++)
        {
            table[row] = Share(rows[row], lacking);
            for (var column = 0; column < lacking.Length; column++)
                lacking[column] -= table[row][column];
        }
        return table;
    }
}
