using GuspApi.Model;

namespace GuspApi.Tests.Model;

public sealed class DeclarationWorkflowTests
{
    [Theory]
    [InlineData(DeclarationStatus.Draft, "save, submit, delete")]
    [InlineData(DeclarationStatus.Submitted, "save, validate, request-changes")]
    [InlineData(DeclarationStatus.ChangesRequested, "save, submit")]
    [InlineData(DeclarationStatus.Validated, "reopen")]
    public void Each_state_has_its_steps(DeclarationStatus status, string steps) =>
        Assert.Equal(steps, string.Join(", ", DeclarationWorkflow.Allowed(status, everSubmitted: false).Select(DeclarationWorkflow.Name)));

    [Fact]
    public void What_was_once_submitted_is_never_deleted() =>
        Assert.DoesNotContain(DeclarationAction.Deleted, DeclarationWorkflow.Allowed(DeclarationStatus.Draft, everSubmitted: true));

    [Fact]
    public void Saving_a_submitted_declaration_makes_it_a_draft_again() =>
        Assert.Equal(DeclarationStatus.Draft, DeclarationWorkflow.Next(DeclarationStatus.Submitted, DeclarationAction.Saved));
}
