using FluentValidation;
using GuspApi.Model;

namespace GuspApi.Http;

/// <summary>How validators speak two languages.</summary>
internal static class Validation
{
    public static IRuleBuilderOptions<T, TProperty> Says<T, TProperty>(
        this IRuleBuilderOptions<T, TProperty> rule, string code, string en, string fr) =>
        rule.WithErrorCode(code).WithMessage(en).WithState(_ => new Text(en, fr));
}
