using System.Globalization;
using GuspApi.Database;
using GuspApi.Model;

namespace GuspApi.Development;

/// <summary>
/// The demonstration data: always the same, invented below the totals of <see cref="Leaflet"/>, which they add up to by
/// construction. Names say that they are invented. Declarations are numbered from 1; their lines bear those numbers.
/// </summary>
internal sealed class DemoGenerator
{
    private readonly Dice dice = new(20192022);

    public List<Landlord> Landlords { get; } = [];
    public List<Qpv> Qpvs { get; } = [];
    public List<QpvCommune> QpvCommunes { get; } = [];
    public List<Holding> Holdings { get; } = [];
    public List<ExpenseLine> Lines { get; } = [];

    private DemoGenerator()
    {
    }

    public static DemoGenerator Run()
    {
        var demo = new DemoGenerator();
        var expenses = new List<long>();
        foreach (var department in Leaflet.Departments)
        {
            demo.AddLandlords(department);
            demo.AddQpvs(department);
            demo.AddHoldings(department, expenses);
        }
        demo.AddAbatements(expenses);
        demo.AddLines(expenses);
        return demo;
    }

    /// <summary>SIRENs that begin with 999 are given to nobody.</summary>
    private void AddLandlords(Leaflet.Department department)
    {
        LandlordFamily[] families = [LandlordFamily.Oph, LandlordFamily.Esh, LandlordFamily.Esh, LandlordFamily.Coop, LandlordFamily.Sem];
        for (var i = 0; i < department.Landlords; i++)
        {
            var family = families[i % families.Length];
            Landlords.Add(new Landlord
            {
                Siren = Siren.Complete($"999{department.Code}{i + 1:000}"),
                Name = $"Bailleur fictif {department.Name} {i + 1} ({Capitals.Of(family)})",
                Family = family,
                Version = 1,
            });
        }
    }

    /// <summary>
    /// Each commune has a QPV, the most populous ones several; every seventh QPV goes over into a commune of the same EPCI.
    /// </summary>
    private void AddQpvs(Leaflet.Department department)
    {
        var known = ReferenceData.Rows("communes").ToDictionary(row => row["code"]!, row => (Name: row["name"]!, Epci: row["epci_code"]));
        var communes = DemoCommunes.MostPopulous(department.Code, department.Communes);
        for (var i = 0; i < department.Qpvs; i++)
        {
            var commune = communes[i < communes.Length ? i : (i - communes.Length) % Math.Max(1, communes.Length / 3)];
            var code = $"QP0{department.Code}{i + 1:000}";
            Qpvs.Add(new Qpv
            {
                Code = code,
                Name = $"Quartier fictif {i + 1} ({known[commune].Name})",
                Generation = 2015,
                DepartmentCode = department.Code,
                Version = 1,
            });
            QpvCommunes.Add(new QpvCommune { QpvCode = code, CommuneCode = commune });

            var neighbour = communes.FirstOrDefault(other => other != commune && known[other].Epci == known[commune].Epci);
            if (i % 7 == 6 && neighbour is not null)
                QpvCommunes.Add(new QpvCommune { QpvCode = code, CommuneCode = neighbour });
        }
    }

    /// <summary>Dwellings and expense of each landlord in each QPV and year, from the département's totals down.</summary>
    private void AddHoldings(Leaflet.Department department, List<long> expenses)
    {
        var pairs = Pairs(department);
        var sizes = pairs.Select(_ => dice.Between(600, 1400)).ToArray();
        var costs = pairs.Select(_ => dice.Between(820, 1180)).ToArray();
        var dwellingsOfYears = Apportionment.Share((long)department.Dwellings * Leaflet.Years, [1994, 1998, 2002, 2006]);
        var expenseOfYears = Apportionment.Share(department.Expense * 100 * Leaflet.Years, [970, 985, 1010, 1035]);

        for (var y = 0; y < Leaflet.Years; y++)
        {
            var dwellings = Apportionment.Share(dwellingsOfYears[y], sizes);
            var expense = Apportionment.Share(
                expenseOfYears[y], [.. dwellings.Select((count, i) => count * costs[i] * dice.Between(960, 1040))]);
            for (var i = 0; i < pairs.Count; i++)
            {
                Holdings.Add(new Holding
                {
                    LandlordSiren = pairs[i].Siren,
                    Year = (short)(Leaflet.From + y),
                    QpvCode = pairs[i].Qpv,
                    Dwellings = (int)dwellings[i],
                    AbatedDwellings = (int)(dwellings[i] * dice.Between(900, 1000) / 1000),
                    AbatementMethod = dice.Between(1, 100) <= 4 ? AbatementMethod.Estimate : AbatementMethod.Notice,
                    Version = 1,
                });
                expenses.Add(expense[i]);
            }
        }
    }

    /// <summary>Which landlords are in which QPV: one to four of the département, each of them somewhere.</summary>
    private List<(string Siren, string Qpv)> Pairs(Leaflet.Department department)
    {
        var landlords = Landlords.TakeLast(department.Landlords).Select(landlord => landlord.Siren).ToArray();
        var qpvs = Qpvs.TakeLast(department.Qpvs).Select(qpv => qpv.Code).ToArray();
        return [.. from place in Enumerable.Range(0, qpvs.Length)
                   let count = (int)dice.Between(1, Math.Min(4, landlords.Length))
                   from rank in Enumerable.Range(0, count)
                   select (landlords[(place + rank) % landlords.Length], qpvs[place])];
    }

    /// <summary>Seven tenths follow the expense, three tenths the dwellings: so coverage differs, but no landlord is far off.</summary>
    private void AddAbatements(List<long> expenses)
    {
        var expense = Leaflet.Departments.Sum(department => department.Expense);
        var dwellings = Leaflet.Departments.Sum(department => (long)department.Dwellings);
        var weights = Holdings.Select((holding, i) => 7 * expenses[i] + 3 * holding.Dwellings * 100 * expense / dwellings).ToArray();
        var amounts = Apportionment.Share(Leaflet.Abatement * 100 * Leaflet.Years, weights);
        for (var i = 0; i < Holdings.Count; i++)
            Holdings[i].Abatement = amounts[i] / 100m;
    }

    private void AddLines(List<long> expenses)
    {
        var table = Apportionment.Table(expenses, [.. Leaflet.ExpenseByAxis.Select(amount => amount * 100 * Leaflet.Years)]);
        Vary(table);
        for (var i = 0; i < Holdings.Count; i++)
            AddLines(i + 1, Holdings[i], table[i]);
    }

    /// <summary>
    /// No two landlords spend alike: what one row gives from one axis to another, its neighbour gives back. No sum changes.
    /// </summary>
    private void Vary(long[][] table)
    {
        for (var round = 0; round < 4; round++)
        {
            for (var row = 1; row < table.Length; row++)
            {
                var (one, other) = (table[row - 1], table[row]);
                var (from, to) = ((int)dice.Between(0, 7), (int)dice.Between(0, 7));
                var amount = from == to ? 0 : Math.Min(one[from], other[to]) * dice.Between(0, 900) / 1000;
                one[from] -= amount;
                one[to] += amount;
                other[to] -= amount;
                other[from] += amount;
            }
        }
    }

    private void AddLines(long declaration, Holding holding, long[] byAxis)
    {
        var drafts = new List<(short Axis, int Label, long Actual)>();
        for (short axis = 1; axis <= 8; axis++)
        {
            var labels = DemoActions.Labels[axis - 1];
            var first = (int)dice.Between(0, labels.Length - 1);
            var parts = byAxis[axis - 1] >= 400_000 ? Apportionment.Share(byAxis[axis - 1], [dice.Between(4, 6), 4]) : [byAxis[axis - 1]];
            drafts.AddRange(parts.Where(part => part > 0).Select((part, i) => (axis, (first + i) % labels.Length, part)));
        }

        var spent = drafts.Sum(draft => draft.Actual);
        var valued = Math.Min((long)(holding.Abatement * dice.Between(97, 103)), spent * 98 / 100);
        var valuedOfLines = Apportionment.Share(valued, [.. drafts.Select(draft => draft.Actual)]);
        for (var i = 0; i < drafts.Count; i++)
            Lines.Add(
                Line(declaration, i + 1, drafts[i].Axis, drafts[i].Label, drafts[i].Actual, Math.Min(valuedOfLines[i], drafts[i].Actual)));
    }

    private ExpenseLine Line(long declaration, int no, short axis, int label, long actual, long valued)
    {
        var funded = dice.Between(1, 100) <= 60;
        var other = funded ? actual * dice.Between(0, 30) / 100 : 0;
        return new ExpenseLine
        {
            DeclarationId = declaration,
            Version = 1,
            Ref = no.ToString("'L'00", CultureInfo.InvariantCulture),
            No = no,
            Axis = axis,
            Action = DemoActions.Labels[axis - 1][label],
            Family = label % 2 == 0 ? LineFamily.Reinforcement : LineFamily.Specific,
            Planned = actual * dice.Between(90, 110) / 100_000 * 10,
            Actual = actual / 100m,
            Valued = valued / 100m,
            LandlordFunding = funded ? (actual - other) / 100m : null,
            OtherFunding = funded ? other / 100m : null,
            QuantitativeReview = $"{dice.Between(2, 60)} interventions (donnée fictive)",
            QualitativeReview = no == 1 || dice.Between(1, 100) <= 70 ? "Action conduite comme prévu, à poursuivre (bilan fictif)." : null,
        };
    }

    /// <summary>SplitMix64: the same numbers on every runtime, which System.Random does not promise.</summary>
    private sealed class Dice(ulong seed)
    {
        private ulong state = seed;

        public long Between(long least, long most)
        {
            state += 0x9E3779B97F4A7C15;
            var mixed = state;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            mixed ^= mixed >> 31;
            return least + (long)(mixed % (ulong)(most - least + 1));
        }
    }
}
