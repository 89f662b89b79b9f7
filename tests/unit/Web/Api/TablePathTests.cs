using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Traktor.Engine;
using Traktor.Web.Api.Tables;

namespace Traktor.UnitTests.Web.Api;

public sealed class TablePathTests
{
    [Theory]
    [InlineData("/v1/arbiter/replicaset/multimaster.reptest", "multimaster.reptest")]
    [InlineData("/v1/arbiter/replicaset/%22a%2Fb%22.%22c.d%20e%22?x=/replicaset/y", "\"a/b\".\"c.d e\"")]
    [InlineData("/v1/arbiter/replicaset/a%252F.b", "a%2F.b")]
    [InlineData("/v1/arbiter/replicaset/a/b.c", "a/b.c")]
    [InlineData("/v1/arbiter/policy/multimaster.reptest?scope=mesh", "multimaster.reptest")]
    [InlineData("/v1/arbiter/policy/a/replicaset/b.c", "a/replicaset/b.c")]
    [InlineData("/v1/arbiter/replicaset/%C3%BCber.t", "über.t")]
    public void Read_Target_DecodesTheNameOnce(string target, string expected) => Assert.Equal(expected, TablePath.Read(target));

    [Fact]
    public async Task BindAsync_WhatCannotBeAName_IsRefused()
    {
        var context = new DefaultHttpContext();
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = "/v1/arbiter/row/%22%22";

        var refused = await Assert.ThrowsAsync<RefusedException>(async () => await TablePath.BindAsync(context, null!));

        Assert.Equal(RefusalKind.Malformed, refused.Kind);
    }

    [Theory]
    [InlineData("/v1/arbiter/replicaset")]
    [InlineData("/v1/arbiter/replicaset/")]
    [InlineData("/v1/arbiter/policy/")]
    public void Read_NoName_IsRefused(string target) =>
        Assert.Equal(RefusalKind.Malformed, Assert.Throws<RefusedException>(() => TablePath.Read(target)).Kind);
}
